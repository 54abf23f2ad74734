package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/age"
	"github.com/getsops/sops/v3/azkv"
	"github.com/getsops/sops/v3/config"
	"github.com/getsops/sops/v3/gcpkms"
	"github.com/getsops/sops/v3/hckms"
	"github.com/getsops/sops/v3/hcvault"
	"github.com/getsops/sops/v3/keys"
	"github.com/getsops/sops/v3/kms"
	"github.com/getsops/sops/v3/pgp"
)

// rule tells what a .sops.yaml gives for a file: the groups as fields, the selector, the threshold. `load` is the
// stage of the file as a whole, `rule` that of finding and using a rule.
func rule(r *request) (response, error) {
	folder, err := os.MkdirTemp("", "sopskit-oracle-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	// Some levels down, so that `file` can lead out of the folder of the configuration.
	home := filepath.Join(folder, "up", "home")
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(home, ".sops.yaml")
	if err := os.WriteFile(path, r.Text, 0o600); err != nil {
		return nil, err
	}
	indents, err := config.LoadStoresConfig(path)
	if err != nil {
		return nil, at("load", err)
	}
	answer := response{"indents": map[string]int{
		"yaml": indents.YAML.Indent, "json": indents.JSON.Indent, "binary": indents.JSONBinary.Indent,
	}}
	file := filepath.Join(home, r.File)
	load := config.LoadCreationRuleForFile
	if r.Destination {
		load = config.LoadDestinationRuleForFile
	}
	found, err := load(path, file, contextOf(r.KMSContext))
	if err != nil {
		return nil, at("rule", err)
	}
	if found == nil {
		answer["rule"] = nil
		return answer, nil
	}
	groups := [][]any{}
	for _, group := range found.KeyGroups {
		entries := []any{}
		for _, key := range group {
			entries = append(entries, keyFields(key))
		}
		groups = append(groups, entries)
	}
	selectors := map[string]string{}
	for name, value := range map[string]string{
		"unencrypted_suffix":        found.UnencryptedSuffix,
		"encrypted_suffix":          found.EncryptedSuffix,
		"unencrypted_regex":         found.UnencryptedRegex,
		"encrypted_regex":           found.EncryptedRegex,
		"unencrypted_comment_regex": found.UnencryptedCommentRegex,
		"encrypted_comment_regex":   found.EncryptedCommentRegex,
	} {
		if value != "" {
			selectors[name] = value
		}
	}
	told := response{
		"keyGroups":        groups,
		"shamirThreshold":  found.ShamirThreshold,
		"selectors":        selectors,
		"macOnlyEncrypted": found.MACOnlyEncrypted,
	}
	if r.Destination {
		told["omitExtensions"] = found.OmitExtensions
		if found.Destination != nil {
			told["destination"] = found.Destination.Path("name")
		}
	}
	answer["rule"] = told
	return answer, nil
}

func contextOf(pairs map[string]string) map[string]*string {
	if len(pairs) == 0 {
		return nil
	}
	context := map[string]*string{}
	for name, value := range pairs {
		context[name] = &value
	}
	return context
}

// keyFields is a key as its entry in a file would name it, with every field.
func keyFields(key keys.MasterKey) response {
	fields := response{}
	switch key := key.(type) {
	case *age.MasterKey:
		fields["recipient"] = key.Recipient
	case *pgp.MasterKey:
		fields["fp"] = key.Fingerprint
	case *kms.MasterKey:
		context := map[string]string{}
		for name, value := range key.EncryptionContext {
			context[name] = *value
		}
		fields["arn"], fields["role"], fields["context"], fields["aws_profile"] = key.Arn, key.Role, context, key.AwsProfile
	case *gcpkms.MasterKey:
		fields["resource_id"] = key.ResourceID
	case *hckms.MasterKey:
		fields["key_id"] = key.KeyID
	case *azkv.MasterKey:
		fields["vault_url"], fields["name"], fields["version"] = key.VaultURL, key.Name, key.Version
	case *hcvault.MasterKey:
		fields["vault_address"], fields["engine_path"], fields["key_name"] = key.VaultAddress, key.EnginePath, key.KeyName
	default:
		panic(fmt.Sprintf("oracle: unknown key %T", key))
	}
	return response{"type": key.TypeToIdentifier(), "id": key.ToString(), "fields": fields}
}

// flags gives the key group of one flag's text, such as that of --kms.
func flags(r *request) (response, error) {
	var group sops.KeyGroup
	var err error
	text := string(r.Text)
	switch r.KeyType {
	case "kms":
		for _, key := range kms.MasterKeysFromArnString(text, contextOf(r.KMSContext), r.AWSProfile) {
			group = append(group, key)
		}
	case "pgp":
		for _, key := range pgp.MasterKeysFromFingerprintString(text) {
			group = append(group, key)
		}
	case "gcp_kms":
		for _, key := range gcpkms.MasterKeysFromResourceIDString(text) {
			group = append(group, key)
		}
	case "age":
		var found []*age.MasterKey
		found, err = age.MasterKeysFromRecipients(text)
		for _, key := range found {
			group = append(group, key)
		}
	case "hckms":
		var found []*hckms.MasterKey
		found, err = hckms.NewMasterKeyFromKeyIDString(text)
		for _, key := range found {
			group = append(group, key)
		}
	case "azure_kv":
		var found []*azkv.MasterKey
		found, err = azkv.MasterKeysFromURLs(text)
		for _, key := range found {
			group = append(group, key)
		}
	case "hc_vault":
		var found []*hcvault.MasterKey
		found, err = hcvault.NewMasterKeysFromURIs(text)
		for _, key := range found {
			group = append(group, key)
		}
	default:
		return nil, fmt.Errorf("oracle: unknown type of key %q", r.KeyType)
	}
	if err != nil {
		return nil, at("rule", err)
	}
	entries := []any{}
	for _, key := range group {
		entries = append(entries, keyFields(key))
	}
	return response{"keys": entries}, nil
}
