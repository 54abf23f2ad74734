package main

import (
	"fmt"
	"time"

	"github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/aes"
	"github.com/getsops/sops/v3/cmd/sops/common"
	"github.com/getsops/sops/v3/cmd/sops/formats"
	"github.com/getsops/sops/v3/config"
	"github.com/getsops/sops/v3/keyservice"
	"github.com/getsops/sops/v3/version"
)

func store(r *request, format string) (common.Store, error) {
	switch format {
	case "yaml", "json", "dotenv", "ini", "binary":
	default:
		return nil, fmt.Errorf("oracle: unknown format %q", format)
	}
	stores := config.NewStoresConfig()
	if r.Indent != nil {
		stores.YAML.Indent = *r.Indent
		stores.JSON.Indent = *r.Indent
		stores.JSONBinary.Indent = *r.Indent
	}
	return common.StoreForFormat(formats.FormatFromString(format), stores), nil
}

// stores gives the store to read with and the one to write with.
func stores(r *request) (input, output common.Store, err error) {
	if input, err = store(r, r.Format); err != nil {
		return nil, nil, err
	}
	if r.OutputFormat == "" {
		return input, input, nil
	}
	output, err = store(r, r.OutputFormat)
	return input, output, err
}

func load(r *request) (response, error) {
	input, _, err := stores(r)
	if err != nil {
		return nil, err
	}
	branches, err := input.LoadPlainFile(r.Text)
	if err != nil {
		return nil, at("load", err)
	}
	return response{"tree": typedTree(branches)}, nil
}

func emit(r *request) (response, error) {
	_, output, err := stores(r)
	if err != nil {
		return nil, err
	}
	branches, err := branchesOf(r.Tree)
	if err != nil {
		return nil, err
	}
	plain, err := output.EmitPlainFile(branches)
	if err != nil {
		return nil, at("emit", err)
	}
	return response{"text": text(plain)}, nil
}

func roundtrip(r *request) (response, error) {
	input, output, err := stores(r)
	if err != nil {
		return nil, err
	}
	branches, err := input.LoadPlainFile(r.Text)
	if err != nil {
		return nil, at("load", err)
	}
	plain, err := output.EmitPlainFile(branches)
	if err != nil {
		return nil, at("emit", err)
	}
	answer := response{"text": text(plain)}
	if !r.SkipTree {
		answer["tree"] = typedTree(branches)
	}
	return answer, nil
}

// selection is what the command makes of selectors and mac_only_encrypted (getEncryptConfig, cmd/sops/main.go).
func selection(r *request, input common.Store) (sops.Metadata, error) {
	metadata := sops.Metadata{Version: version.Version, ShamirThreshold: r.ShamirThreshold}
	if single, ok := input.(sops.SingleValueStore); ok && single.IsSingleValueStore() {
		return metadata, nil
	}
	set := 0
	for name, value := range r.Selectors {
		switch name {
		case "unencrypted_suffix":
			metadata.UnencryptedSuffix = value
		case "encrypted_suffix":
			metadata.EncryptedSuffix = value
		case "unencrypted_regex":
			metadata.UnencryptedRegex = value
		case "encrypted_regex":
			metadata.EncryptedRegex = value
		case "unencrypted_comment_regex":
			metadata.UnencryptedCommentRegex = value
		case "encrypted_comment_regex":
			metadata.EncryptedCommentRegex = value
		default:
			return metadata, fmt.Errorf("oracle: unknown selector %q", name)
		}
		if value != "" {
			set++
		}
	}
	if set > 1 {
		return metadata, at("options", fmt.Errorf("more than one selector"))
	}
	if set == 0 {
		metadata.UnencryptedSuffix = sops.DefaultUnencryptedSuffix
	}
	metadata.MACOnlyEncrypted = r.MACOnlyEncrypted
	return metadata, nil
}

// encrypt follows encrypt() of cmd/sops/encrypt.go, with the key services, the data key and the clock under control.
func encrypt(r *request) (response, error) {
	input, output, err := stores(r)
	if err != nil {
		return nil, err
	}
	branches, err := input.LoadPlainFile(r.Text)
	if err != nil {
		return nil, at("load", err)
	}
	if len(branches) < 1 {
		return nil, at("load", fmt.Errorf("File cannot be completely empty, it must contain at least one document"))
	}
	if output.HasSopsTopLevelKey(branches[0]) {
		return nil, at("already-encrypted", fmt.Errorf("File already encrypted"))
	}
	metadata, err := selection(r, input)
	if err != nil {
		return nil, err
	}
	if metadata.KeyGroups, err = keyGroups(r); err != nil {
		return nil, at("key", err)
	}
	tree := sops.Tree{Branches: branches, Metadata: metadata}
	dataKey := r.DataKey
	if r.Enc != nil {
		err = applyEnc(tree.Metadata.KeyGroups, r.Enc)
		if err == nil && dataKey == nil {
			err = fmt.Errorf("oracle: enc without dataKey")
		}
		if err != nil {
			return nil, at("key", err)
		}
	} else {
		services := []keyservice.KeyServiceClient{keyservice.NewCustomLocalClient(&ageService{})}
		var errs []error
		if dataKey == nil {
			dataKey, errs = tree.GenerateDataKeyWithKeyServices(services)
		} else {
			errs = tree.Metadata.UpdateMasterKeysWithKeyServices(dataKey, services)
		}
		if len(errs) > 0 {
			return nil, at("key", fmt.Errorf("Could not generate data key: %s", errs))
		}
	}

	cipher := aes.NewCipher()
	mac, err := tree.Encrypt(dataKey, cipher)
	if err != nil {
		return nil, at("tree", err)
	}
	tree.Metadata.LastModified = time.Now().UTC()
	if r.LastModified != "" {
		if tree.Metadata.LastModified, err = time.Parse(time.RFC3339, r.LastModified); err != nil {
			return nil, err
		}
	}
	lastModified := tree.Metadata.LastModified.Format(time.RFC3339)
	tree.Metadata.MessageAuthenticationCode, err = cipher.Encrypt(mac, dataKey, lastModified)
	if err != nil {
		return nil, at("mac", err)
	}
	encrypted, err := output.EmitEncryptedFile(tree)
	if err != nil {
		return nil, at("emit", err)
	}
	return response{
		"text":         text(encrypted),
		"dataKey":      text(dataKey),
		"mac":          mac,
		"lastModified": lastModified,
		"enc":          encOf(tree.Metadata.KeyGroups),
	}, nil
}

// decrypt follows decrypt() of cmd/sops/decrypt.go and common.DecryptTree, which would not say which MAC they saw.
func decrypt(r *request) (response, error) {
	input, output, err := stores(r)
	if err != nil {
		return nil, err
	}
	tree, err := input.LoadEncryptedFile(r.Text)
	if err != nil {
		return nil, at("load", err)
	}
	// The only use that decryption makes of `version`: it must parse.
	if bug, err := common.DetectKMSEncryptionContextBug(&tree); err != nil {
		return nil, at("version", err)
	} else if bug {
		return nil, at("version", fmt.Errorf("oracle: a file of sops before 3.3.0 with an AWS encryption context is not supported"))
	}
	if r.DataKey != nil {
		tree.Metadata.DataKey = r.DataKey
	}
	service, err := ageServiceFor(r.AgeIdentity)
	if err != nil {
		return nil, at("key", err)
	}
	dataKey, err := tree.Metadata.GetDataKeyWithKeyServices(
		[]keyservice.KeyServiceClient{keyservice.NewCustomLocalClient(service)}, sops.DefaultDecryptionOrder)
	if err != nil {
		if user, ok := err.(sops.UserError); ok {
			err = fmt.Errorf("%s", user.UserError())
		}
		return nil, at("key", err)
	}
	cipher := aes.NewCipher()
	computed, err := tree.Decrypt(dataKey, cipher)
	if err != nil {
		return nil, at("tree", err)
	}
	stored, err := cipher.Decrypt(tree.Metadata.MessageAuthenticationCode, dataKey, tree.Metadata.LastModified.Format(time.RFC3339))
	if !r.IgnoreMAC {
		if err != nil {
			return nil, at("mac", fmt.Errorf("Cannot decrypt MAC: %s", err))
		}
		if stored != computed {
			if stored == "" {
				stored = "no MAC"
			}
			return nil, at("mac", fmt.Errorf("MAC mismatch. File has %s, computed %s", stored, computed))
		}
	}
	answer := response{
		"dataKey":     text(dataKey),
		"computedMac": computed,
		"metadata":    summary(tree.Metadata),
	}
	if stored, ok := stored.(string); ok && err == nil {
		answer["storedMac"] = stored
	}
	if !r.SkipText {
		plain, err := output.EmitPlainFile(tree.Branches)
		if err != nil {
			return nil, at("emit", err)
		}
		answer["text"] = text(plain)
	}
	if !r.SkipTree {
		answer["tree"] = typedTree(tree.Branches)
	}
	return answer, nil
}

func summary(metadata sops.Metadata) response {
	selectors := map[string]string{}
	for name, value := range map[string]string{
		"unencrypted_suffix":        metadata.UnencryptedSuffix,
		"encrypted_suffix":          metadata.EncryptedSuffix,
		"unencrypted_regex":         metadata.UnencryptedRegex,
		"encrypted_regex":           metadata.EncryptedRegex,
		"unencrypted_comment_regex": metadata.UnencryptedCommentRegex,
		"encrypted_comment_regex":   metadata.EncryptedCommentRegex,
	} {
		if value != "" {
			selectors[name] = value
		}
	}
	groups := [][]response{}
	for _, group := range metadata.KeyGroups {
		keys := []response{}
		for _, key := range group {
			keys = append(keys, response{"type": key.TypeToIdentifier(), "id": key.ToString()})
		}
		groups = append(groups, keys)
	}
	return response{
		"version":          metadata.Version,
		"lastModified":     metadata.LastModified.Format(time.RFC3339),
		"macOnlyEncrypted": metadata.MACOnlyEncrypted,
		"shamirThreshold":  metadata.ShamirThreshold,
		"selectors":        selectors,
		"keyGroups":        groups,
	}
}
