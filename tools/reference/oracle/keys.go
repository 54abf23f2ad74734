package main

import (
	"context"
	"fmt"

	"github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/age"
	"github.com/getsops/sops/v3/keyservice"
)

// ageService is a key service that knows age and the identities of one request. The local service of sops
// would look into the environment, the home folder and the network.
type ageService struct {
	identities age.ParsedIdentities
}

func ageServiceFor(identity string) (*ageService, error) {
	service := &ageService{}
	if identity == "" {
		return service, nil
	}
	return service, service.identities.Import(identity)
}

func (s *ageService) Encrypt(_ context.Context, r *keyservice.EncryptRequest) (*keyservice.EncryptResponse, error) {
	requested, ok := r.Key.KeyType.(*keyservice.Key_AgeKey)
	if !ok {
		return nil, fmt.Errorf("oracle: only age keys are supported")
	}
	key, err := age.MasterKeyFromRecipient(requested.AgeKey.Recipient)
	if err != nil {
		return nil, err
	}
	if err := key.Encrypt(r.Plaintext); err != nil {
		return nil, err
	}
	return &keyservice.EncryptResponse{Ciphertext: key.EncryptedDataKey()}, nil
}

func (s *ageService) Decrypt(_ context.Context, r *keyservice.DecryptRequest) (*keyservice.DecryptResponse, error) {
	requested, ok := r.Key.KeyType.(*keyservice.Key_AgeKey)
	if !ok {
		return nil, fmt.Errorf("oracle: only age keys are supported")
	}
	if len(s.identities) == 0 {
		return nil, fmt.Errorf("oracle: the request has no identity")
	}
	key := age.MasterKey{Recipient: requested.AgeKey.Recipient, EncryptedKey: string(r.Ciphertext)}
	s.identities.ApplyToMasterKey(&key)
	plain, err := key.Decrypt()
	if err != nil {
		return nil, err
	}
	return &keyservice.DecryptResponse{Plaintext: plain}, nil
}

// keyGroups makes the groups of a new file: `keyGroups`, or one group of `ageRecipients`.
func keyGroups(r *request) ([]sops.KeyGroup, error) {
	wanted := r.KeyGroups
	if wanted == nil {
		wanted = [][]string{r.AgeRecipients}
	}
	var groups []sops.KeyGroup
	for _, recipients := range wanted {
		var group sops.KeyGroup
		for _, recipient := range recipients {
			key, err := age.MasterKeyFromRecipient(recipient)
			if err != nil {
				return nil, err
			}
			group = append(group, key)
		}
		groups = append(groups, group)
	}
	return groups, nil
}

// applyEnc gives keys the wrapped parts of an earlier answer, which is faster than wrapping again.
func applyEnc(groups []sops.KeyGroup, enc [][]string) error {
	if len(enc) != len(groups) {
		return fmt.Errorf("oracle: enc has %d groups, the file %d", len(enc), len(groups))
	}
	for i, group := range groups {
		if len(enc[i]) != len(group) {
			return fmt.Errorf("oracle: enc has %d entries in group %d, the file %d", len(enc[i]), i, len(group))
		}
		for j, key := range group {
			key.SetEncryptedDataKey([]byte(enc[i][j]))
		}
	}
	return nil
}

func encOf(groups []sops.KeyGroup) [][]string {
	enc := [][]string{}
	for _, group := range groups {
		parts := []string{}
		for _, key := range group {
			parts = append(parts, string(key.EncryptedDataKey()))
		}
		enc = append(enc, parts)
	}
	return enc
}
