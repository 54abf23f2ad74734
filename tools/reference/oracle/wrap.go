package main

import (
	"fmt"
	"strings"
	"sync"

	"filippo.io/age/agessh"
	"github.com/getsops/sops/v3/age"
)

// wrap wraps `dataKey` for the first of `ageRecipients`, as a key of a file.
func wrap(r *request) (response, error) {
	key, err := firstRecipient(r)
	if err != nil {
		return nil, err
	}
	if err := key.Encrypt(r.DataKey); err != nil {
		return nil, err
	}
	return response{"enc": [][]string{{key.EncryptedKey}}}, nil
}

// unwrap unwraps the first of `enc` with `ageIdentity`: lines of an identity file, or an SSH key.
func unwrap(r *request) (response, error) {
	key, err := firstRecipient(r)
	if err != nil {
		return nil, err
	}
	if len(r.Enc) == 0 || len(r.Enc[0]) == 0 {
		return nil, fmt.Errorf("oracle: unwrap needs enc")
	}
	identities, err := parsedIdentities(r.AgeIdentity)
	if err != nil {
		return nil, err
	}
	key.EncryptedKey = r.Enc[0][0]
	identities.ApplyToMasterKey(key)
	plain, err := key.Decrypt()
	if err != nil {
		return nil, err
	}
	return response{"dataKey": text(plain)}, nil
}

func firstRecipient(r *request) (*age.MasterKey, error) {
	if len(r.AgeRecipients) == 0 {
		return nil, fmt.Errorf("oracle: the request has no recipient")
	}
	return age.MasterKeyFromRecipient(r.AgeRecipients[0])
}

var parsed sync.Map

// parsedIdentities reads each identity once, so that a measurement is one of unwrapping.
func parsedIdentities(identity string) (age.ParsedIdentities, error) {
	if known, found := parsed.Load(identity); found {
		return known.(age.ParsedIdentities), nil
	}
	var identities age.ParsedIdentities
	if strings.HasPrefix(identity, "-----BEGIN") {
		one, err := agessh.ParseIdentity([]byte(identity))
		if err != nil {
			return nil, err
		}
		identities = append(identities, one)
	} else if err := identities.Import(identity); err != nil {
		return nil, err
	}
	parsed.Store(identity, identities)
	return identities, nil
}
