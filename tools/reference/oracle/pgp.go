package main

import (
	"fmt"

	"github.com/getsops/sops/v3/pgp"
)

// pgpKey is a master key over the one ring file that a request names, through the Go library: it looks into no
// GnuPG home and, as long as that works, starts no gpg.
func pgpKey(r *request) (*pgp.MasterKey, error) {
	if r.PgpFingerprint == "" || r.PgpRing == "" {
		return nil, fmt.Errorf("oracle: pgp needs pgpFingerprint and pgpRing")
	}
	key := pgp.NewMasterKeyFromFingerprint(r.PgpFingerprint)
	pgp.PubRing(r.PgpRing).ApplyToMasterKey(key)
	pgp.SecRing(r.PgpRing).ApplyToMasterKey(key)
	return key, nil
}

// pgpWrap wraps `text`, the bytes of a data key.
func pgpWrap(r *request) (response, error) {
	key, err := pgpKey(r)
	if err != nil {
		return nil, err
	}
	if err := key.Encrypt(r.Text); err != nil {
		return nil, err
	}
	return response{"text": text(key.EncryptedDataKey())}, nil
}

// pgpUnwrap unwraps `text`, an enc.
func pgpUnwrap(r *request) (response, error) {
	key, err := pgpKey(r)
	if err != nil {
		return nil, err
	}
	key.SetEncryptedDataKey(r.Text)
	part, err := key.Decrypt()
	if err != nil {
		return nil, err
	}
	return response{"dataKey": text(part)}, nil
}
