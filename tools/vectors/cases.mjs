// What the vectors are made of: one entry per folder of vectors/. `targets` names keys whose encrypted values
// the damaged twins are made from: two strings at different paths (`first`, `second`), and one value of each other
// type. `moved` is the key that gets another name, which must not change what the selector says of it (else
// `first`), `deleted` the one whose item goes (else `second`), `added` the name of the clear value that is added.

const kubernetesSecret = `# Credentials of the shop; rotate them every quarter.
apiVersion: v1
kind: Secret
metadata:
    name: shop-database
    namespace: shop
    labels:
        app: shop
        tier: "2"
type: Opaque
# Kubernetes wants text here: quotes keep numbers and booleans text.
stringData:
    # Read by the web server.
    username: shop
    password: correct horse battery staple
    port: 5432
    "tls": true
    pool-size: "10"
    timeout: 2.50
    # Generated, do not edit by hand.
    connection-string: postgres://shop:correct%20horse@db.shop.svc:5432/shop?sslmode=require
    ca.crt: |
        -----BEGIN CERTIFICATE-----
        MIIBszCCAVmgAwIBAgIUQ3VwcmV0ZW5kZWRDZXJ0aWZpY2F0ZQ==
        -----END CERTIFICATE-----
    empty: ""
data:
    token: c2VjcmV0LXRva2Vu # base64
`;

const leafTypesYaml = `text: plain words
quoted: '12'
int: 42
int_negative: -7
int_max: 9223372036854775807
int_min: -9223372036854775808
int_octal: 0644
int_hex: 0xFF
int_underscored: 1_000_000
float: 1.5
float_whole: 2.0
float_large: 1e21
float_small: 1e-7
float_long: 0.1234567890123456
float_max: 1.7976931348623157e308
float_min: 5e-324
float_infinite: .inf
float_nan: .nan
bool: true
bool_off: False
yes_is_text: yes
null_value: null
null_tilde: ~
null_absent:
date: 2024-01-05
time: 2024-01-05T12:30:45.123456789+02:00
empty_text: ""
empty_map: {}
empty_list: []
list:
    - one
    - 2
    - 3.5
    - true
    - null
    - - nested
      - []
    - key: value
      other: {}
unicode: "Zażółć gęślą jaźń, 日本語, 😀, é"
controls: "tab\\t bell\\a nel\\x85 separator\\u2028 end"
multiline: |
    first line
      indented line

    last line
multiline_kept: |+
    kept

multiline_stripped: |-
    stripped
    end
folded: >
    folded
    into one line
spaces: "  around  "
clear_unencrypted: stays in clear
`;

const selectorsYaml = `# A file that every selector can divide.
service: shop
owner_secret: alice
owner_unencrypted: bob
# public
region: eu-west-1
# private
password: swordfish
secrets_secret:
    # inside
    first: one
    second: 2
    deeper:
        third: true
settings_unencrypted:
    level: info
    ratio: 0.25
# public
limits:
    - 10
    - 20
# private
tokens:
    - alpha
    # between
    - beta
last: end
`;

const commentsYaml = `# Head of the file.

# Head of the first key.
first: 1 # behind a number
# Head of the second key,
# in two lines.
second: text # behind a text
#no blank behind the sign
third: # behind a key of a map
    # head inside a map
    inner: value
    # foot inside a map
# head of a list
fourth:
    # head of an item
    - one # behind an item
    - two
    # head of a map in a list
    - key: value # behind a value in a list
      # head in a map in a list
      other: value
    # foot of a list
fifth: 'quoted # not a comment'
sixth: |
    # not a comment
    text
#
seventh: end
# Foot of the file.
`;

const textStylesYaml = `plain: plain words
single: 'it''s quoted'
double: "tab\\tand \\"quotes\\" and \\\\ backslash"
number_like: "12"
float_like: "1e3"
bool_like: "true"
old_bool_like: "yes"
null_like: "null"
date_like: "2024-01-05"
base_sixty: "12:30:45"
octal_like: "0o17"
merge_like: "<<"
colon: "a: b"
hash: "a #b"
dash: "- a"
question: "? a"
leading_blank: " a"
trailing_blank: "a "
at: "@a"
backtick: "\`a"
percent: "%a"
brace: "{a}"
bracket: "[a]"
enc_like: ENC[not really]
long: ${"a long line that a folding emitter would break into pieces ".repeat(4).trim()}
line_break: "one\\ntwo"
line_break_end: "one\\n"
line_breaks_end: "one\\n\\n"
line_break_first: "\\none"
indented_first: "  one\\ntwo"
blank_before_break: "one \\ntwo"
crlf: "one\\r\\ntwo"
tab_in_block: "one\\n\\ttwo"
surrogates: "\\U0001F600"
byte_order_mark: "\\uFEFFa"
"key with: colon": a
"quoted key": b
'12': c
"true": d
"": e
`;

const keyNamesYaml = `__proto__: polluted
constructor:
    prototype:
        polluted: true
toString: text
hasOwnProperty: 1
valueOf: null
nested:
    __proto__:
        polluted: yes it is
    then: a key that makes promises look
"0": zero
"-1": minus one
"1.5": one and a half
"": empty
" ": blank
"a:b": colon
"a.b": dot
"[0]": brackets
ключ: cyrillic
"😀": astral
sops_like: not metadata
`;

const leafTypesJson = `{
  "text": "plain words",
  "number_like": "12",
  "int": 42,
  "int_negative": -7,
  "int_zero_negative": -0,
  "int_max": 9223372036854775807,
  "int_min": -9223372036854775808,
  "float": 1.5,
  "float_whole": 2.0,
  "float_exponent": 1E3,
  "float_large": 1e21,
  "float_small": 1e-7,
  "float_long": 0.1234567890123456,
  "float_max": 1.7976931348623157e308,
  "float_min": 5e-324,
  "bool": true,
  "bool_off": false,
  "null_value": null,
  "date_like": "2024-01-05T12:30:45Z",
  "empty_text": "",
  "empty_map": {},
  "empty_list": [],
  "list": ["one", 2, 3.5, true, null, ["nested", []], {"key": "value", "other": {}}],
  "unicode": "Zażółć gęślą jaźń, 日本語, 😀, é",
  "escapes": "quote \\" backslash \\\\ slash \\/ tab \\t line \\n return \\r bell \\u0007 nel \\u0085",
  "html": "<a href='x'>&</a>",
  "separators": "\\u2028\\u2029",
  "surrogates": "\\uD83D\\uDE00",
  "clear_unencrypted": "stays in clear"
}
`;

const selectorsJson = `{
	"service": "shop",
	"owner_secret": "alice",
	"owner_unencrypted": "bob",
	"password": "swordfish",
	"secrets_secret": {"first": "one", "second": 2, "deeper": {"third": true}},
	"settings_unencrypted": {"level": "info", "ratio": 0.25},
	"limits": [10, 20],
	"tokens_secret": ["alpha", {"name": "beta"}],
	"last": "end"
}
`;

let tree = { leaf: "at the bottom" };
for (let level = 40; level > 0; level--) tree = { [`level${level}`]: tree, n: level };

// Keys in an order that JavaScript objects do not keep.
const deepJson = `{
	"2": "two",
	"10": "ten",
	"1": "one",
	"-0": "minus nothing",
	"1e3": "a thousand",
	"4294967295": "beyond an index",
	"password": "swordfish",
	"list": [[[["deep"]]], [{"1": "one", "0": "zero", "list": [1, [2, [3]]]}], []],
	"tree": ${JSON.stringify(tree)}
}
`;

const keyNamesJson = `{
	"__proto__": "polluted",
	"constructor": {"prototype": {"polluted": true}},
	"toString": "text",
	"hasOwnProperty": 1,
	"valueOf": null,
	"toJSON": "text",
	"nested": {"__proto__": {"polluted": "yes it is"}, "then": "a key that makes promises look"},
	"0": "zero",
	"": "empty",
	" ": "blank",
	"a:b": "colon",
	"a.b": "dot",
	"quote\\"backslash\\\\": "escaped",
	"<&>": "html",
	"ключ": "cyrillic",
	"😀": "astral",
	"twice": 1,
	"twice": "both stay",
	"sops_like": "not metadata"
}
`;

const yamlSelector = (selector, pattern, targets) => ({
	name: `yaml/selector-${selector.replaceAll("_", "-")}`,
	plain: selectorsYaml,
	selectors: { [selector]: pattern },
	targets,
	damage: "selector",
});

const jsonSelector = (selector, pattern, targets) => ({
	name: `json/selector-${selector.replaceAll("_", "-")}`,
	plain: selectorsJson,
	selectors: { [selector]: pattern },
	targets,
	damage: "selector",
});

/** @type {import("./cases.d.mts").Case[]} */
export const cases = [
	{
		name: "yaml/kubernetes-secret",
		plain: kubernetesSecret,
		selectors: { encrypted_regex: "^(data|stringData)$" },
		targets: {
			first: "username",
			second: "password",
			int: "port",
			float: "timeout",
			bool: "tls",
			clear: "name",
		},
		clearPlace: "kind: Secret\n",
		clearAdded: "kind: Secret\nimmutable: true\n",
		damage: "all",
	},
	{
		name: "yaml/leaf-types",
		plain: leafTypesYaml,
		targets: {
			first: "text",
			second: "quoted",
			int: "int",
			float: "float",
			bool: "bool",
			time: "date",
			clear: "clear_unencrypted",
		},
		listSwap: true,
		damage: "all",
	},
	yamlSelector("unencrypted_suffix", "_unencrypted", {
		first: "service",
		second: "password",
		clear: "owner_unencrypted",
	}),
	yamlSelector("encrypted_suffix", "_secret", {
		first: "owner_secret",
		second: "first",
		moved: "first",
		clear: "service",
	}),
	yamlSelector("unencrypted_regex", "^(service|settings_.*|limits)$", {
		first: "password",
		second: "last",
		clear: "service",
		added: "settings_added",
	}),
	yamlSelector("encrypted_regex", "(?i)PASS|^tokens$|second", {
		first: "password",
		second: "second",
		clear: "service",
	}),
	{
		...yamlSelector("unencrypted_comment_regex", "^ public", {
			first: "service",
			second: "password",
			clear: "region",
		}),
		clearPlace: "    - 20\n",
		clearAdded: "    - 20\n    - 30\n",
	},
	yamlSelector("encrypted_comment_regex", "private|inside", {
		first: "password",
		second: "first",
		deleted: "last",
		clear: "service",
	}),
	{
		name: "yaml/mac-only-encrypted",
		plain: selectorsYaml,
		selectors: { encrypted_regex: "^(password|secrets_secret)$" },
		macOnlyEncrypted: true,
		targets: {
			first: "password",
			second: "first",
			moved: "first",
			int: "second",
			bool: "third",
			clear: "service",
		},
		damage: "all",
	},
	{
		name: "yaml/multi-document",
		plain: `# first\nname: one\nshared: a text\nclear_unencrypted: text\n---\nname: two\ncount: 2\n# a comment\nlist:\n    - x\n    - y\n---\n{}\n---\nname: four\n`,
		targets: { first: "name", second: "shared", int: "count", clear: "clear_unencrypted" },
		documents: true,
		damage: "few",
	},
	{
		name: "yaml/comments",
		plain: commentsYaml,
		targets: { first: "second", second: "inner", int: "first" },
		damage: "few",
	},
	{
		name: "yaml/comments-clear",
		plain: commentsYaml,
		selectors: { encrypted_regex: "^(second|other)$" },
	},
	{ name: "yaml/text-styles", plain: textStylesYaml },
	{
		name: "yaml/aliases",
		plain: `base: &base\n    user: shop\n    password: swordfish\ncopy: *base\nmerged:\n    <<: *base\n    extra: 1\nlist:\n    - &item one\n    - *item\n`,
	},
	{ name: "yaml/empty", plain: "{}\n" },
	{
		name: "yaml/key-names",
		plain: keyNamesYaml,
		targets: { first: "toString", second: "then" },
		damage: "few",
	},
	{ name: "yaml/indent-2", plain: selectorsYaml, indent: 2 },
	{
		name: "yaml/recipients-several",
		plain: "password: swordfish\nuser: shop\n",
		keyGroups: [["first", "second"]],
		targets: { first: "password", second: "user" },
		damage: "few",
	},
	{
		name: "yaml/key-groups",
		plain: "password: swordfish\nuser: shop\n",
		keyGroups: [["first"], ["second"], ["third"]],
		shamirThreshold: 2,
		identities: ["first", "third"],
		targets: { first: "password", second: "user" },
		damage: "few",
	},
	{
		name: "json/leaf-types",
		plain: leafTypesJson,
		targets: {
			first: "text",
			second: "number_like",
			int: "int",
			float: "float",
			bool: "bool",
			clear: "clear_unencrypted",
		},
		listSwap: true,
		damage: "all",
	},
	jsonSelector("unencrypted_suffix", "_unencrypted", {
		first: "service",
		second: "password",
		clear: "owner_unencrypted",
	}),
	jsonSelector("encrypted_suffix", "_secret", {
		first: "owner_secret",
		second: "first",
		moved: "first",
		clear: "service",
	}),
	jsonSelector("unencrypted_regex", "^(service|settings_.*|limits)$", {
		first: "password",
		second: "last",
		clear: "service",
		added: "settings_added",
	}),
	jsonSelector("encrypted_regex", "(?i)PASS|^tokens|second", {
		first: "password",
		second: "second",
		clear: "service",
	}),
	{
		name: "json/mac-only-encrypted",
		plain: selectorsJson,
		selectors: { encrypted_regex: "^(password|secrets_secret)$" },
		macOnlyEncrypted: true,
		targets: {
			first: "password",
			second: "first",
			moved: "first",
			int: "second",
			bool: "third",
			clear: "service",
		},
		damage: "all",
	},
	{ name: "json/deep", plain: deepJson, targets: { first: "password", second: "1" }, damage: "few" },
	{
		name: "json/key-names",
		plain: keyNamesJson,
		targets: { first: "toString", second: "then" },
		damage: "few",
	},
	{ name: "json/empty", plain: "{}\n" },
	{ name: "json/indent-2", plain: selectorsJson, indent: 2 },
	{
		name: "json/recipients-several",
		plain: '{"password": "swordfish", "user": "shop"}\n',
		keyGroups: [["first", "second"]],
		targets: { first: "password", second: "user" },
		damage: "few",
	},
	{
		name: "dotenv/basic",
		plain: `# Head of the file.\nUSER=shop\nPASSWORD=correct horse = battery\n# a comment\nMULTILINE=one\\ntwo\nEMPTY=\nQUOTED="kept as it is"\nSPACES=  around  \nCLEAR_unencrypted=text\n`,
		targets: { first: "USER", second: "PASSWORD", clear: "CLEAR_unencrypted" },
		damage: "few",
	},
	{
		name: "ini/basic",
		plain: `; Head of the file.\ntop = 1\n\n[database]\n; a comment\nuser = shop\npassword = correct horse\nport = 5432\nempty =\n\n[web]\n# another comment\nurl = https://shop.example/\nclear_unencrypted = text\n`,
		targets: { first: "user", second: "password", clear: "clear_unencrypted" },
		damage: "few",
	},
	{
		name: "binary/basic",
		plain: Uint8Array.from({ length: 300 }, (_, i) => (i * 7) % 256),
		targets: { first: "data" },
		damage: "few",
	},
	{ name: "binary/empty", plain: new Uint8Array() },
];
