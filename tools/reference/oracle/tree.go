package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/getsops/sops/v3"
)

// The typed tree in JSON. A document is {"map":[item…]}; an item is {"key":"…","value":V} or
// {"comment":"…","inline":bool}; V is {"list":[V…]}, {"map":[…]}, a comment, or a leaf: {"str":"…"},
// {"int":"123"}, {"float":"1e+06"}, {"bool":true}, {"time":"2006-01-02T15:04:05Z"}, {"null":true}. Text that is
// not UTF-8 goes as base64 under "bytes", "keyBytes" or "commentBytes". What a tree should not hold is
// reported and not hidden: {"unknown":"uint64","text":"…"}, {"badKey":"int","text":"…","value":V}.

// typedTree is a copy of a tree in its JSON form; the copy is lazy, the tree must not be changed meanwhile.
type typedTree sops.TreeBranches

func (t typedTree) MarshalJSON() ([]byte, error) {
	out := []byte{'['}
	for i, branch := range t {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendMap(out, branch)
	}
	return append(out, ']'), nil
}

func appendText(out []byte, field, bytesField, value string) []byte {
	if utf8.ValidString(value) {
		quoted, _ := json.Marshal(value)
		out = append(out, '"')
		out = append(out, field...)
		out = append(out, '"', ':')
		return append(out, quoted...)
	}
	out = append(out, '"')
	out = append(out, bytesField...)
	out = append(out, `":"`...)
	out = base64.StdEncoding.AppendEncode(out, []byte(value))
	return append(out, '"')
}

func appendComment(out []byte, comment sops.Comment) []byte {
	out = appendText(append(out, '{'), "comment", "commentBytes", comment.Value)
	out = append(out, `,"inline":`...)
	return append(strconv.AppendBool(out, comment.Inline), '}')
}

func appendMap(out []byte, branch sops.TreeBranch) []byte {
	out = append(out, `{"map":[`...)
	for i, item := range branch {
		if i > 0 {
			out = append(out, ',')
		}
		switch key := item.Key.(type) {
		case sops.Comment:
			out = appendComment(out, key)
			continue
		case string:
			out = appendText(append(out, '{'), "key", "keyBytes", key)
		default:
			out = append(out, `{"badKey":`...)
			out = strconv.AppendQuote(out, fmt.Sprintf("%T", item.Key))
			out = appendText(append(out, ','), "text", "textBytes", fmt.Sprint(item.Key))
		}
		out = append(out, `,"value":`...)
		out = append(appendValue(out, item.Value), '}')
	}
	return append(out, ']', '}')
}

func appendValue(out []byte, value any) []byte {
	switch value := value.(type) {
	case sops.TreeBranch:
		return appendMap(out, value)
	case []any:
		out = append(out, `{"list":[`...)
		for i, item := range value {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendValue(out, item)
		}
		return append(out, ']', '}')
	case sops.Comment:
		return appendComment(out, value)
	case string:
		return append(appendText(append(out, '{'), "str", "bytes", value), '}')
	case []byte:
		return append(appendText(append(out, '{'), "str", "bytes", string(value)), '}')
	case int:
		return append(strconv.AppendInt(append(out, `{"int":"`...), int64(value), 10), '"', '}')
	case float64:
		return append(strconv.AppendFloat(append(out, `{"float":"`...), value, 'g', -1, 64), '"', '}')
	case bool:
		return append(strconv.AppendBool(append(out, `{"bool":`...), value), '}')
	case time.Time:
		return append(value.AppendFormat(append(out, `{"time":"`...), time.RFC3339Nano), '"', '}')
	case nil:
		return append(out, `{"null":true}`...)
	default:
		out = append(out, `{"unknown":`...)
		out = strconv.AppendQuote(out, fmt.Sprintf("%T", value))
		return append(appendText(append(out, ','), "text", "textBytes", fmt.Sprint(value)), '}')
	}
}

// node is any node or item of a typed tree that a request brings.
type node struct {
	Map  *[]node `json:"map"`
	List *[]node `json:"list"`

	Key          *string `json:"key"`
	KeyBytes     *[]byte `json:"keyBytes"`
	Value        *node   `json:"value"`
	Comment      *string `json:"comment"`
	CommentBytes *[]byte `json:"commentBytes"`
	Inline       bool    `json:"inline"`

	Str   *string `json:"str"`
	Bytes *[]byte `json:"bytes"`
	Int   *string `json:"int"`
	Float *string `json:"float"`
	Bool  *bool   `json:"bool"`
	Time  *string `json:"time"`
	Null  bool    `json:"null"`
}

func (n *node) asComment() (sops.Comment, bool) {
	if n.Comment != nil {
		return sops.Comment{Value: *n.Comment, Inline: n.Inline}, true
	}
	if n.CommentBytes != nil {
		return sops.Comment{Value: string(*n.CommentBytes), Inline: n.Inline}, true
	}
	return sops.Comment{}, false
}

func branchesOf(nodes []node) (sops.TreeBranches, error) {
	branches := sops.TreeBranches{}
	for i := range nodes {
		if nodes[i].Map == nil {
			return nil, fmt.Errorf("oracle: document %d of the tree is not a map", i)
		}
		branch, err := branchOf(*nodes[i].Map)
		if err != nil {
			return nil, err
		}
		branches = append(branches, branch)
	}
	return branches, nil
}

func branchOf(items []node) (sops.TreeBranch, error) {
	branch := sops.TreeBranch{}
	for i := range items {
		item := &items[i]
		if comment, ok := item.asComment(); ok {
			branch = append(branch, sops.TreeItem{Key: comment})
			continue
		}
		var key string
		switch {
		case item.Key != nil:
			key = *item.Key
		case item.KeyBytes != nil:
			key = string(*item.KeyBytes)
		default:
			return nil, fmt.Errorf("oracle: an item of a map has neither key nor comment")
		}
		if item.Value == nil {
			return nil, fmt.Errorf("oracle: an item of a map has no value")
		}
		value, err := valueOf(item.Value)
		if err != nil {
			return nil, err
		}
		branch = append(branch, sops.TreeItem{Key: key, Value: value})
	}
	return branch, nil
}

func valueOf(n *node) (any, error) {
	if comment, ok := n.asComment(); ok {
		return comment, nil
	}
	switch {
	case n.Map != nil:
		return branchOf(*n.Map)
	case n.List != nil:
		list := []any{}
		for i := range *n.List {
			value, err := valueOf(&(*n.List)[i])
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	case n.Str != nil:
		return *n.Str, nil
	case n.Bytes != nil:
		return string(*n.Bytes), nil
	case n.Int != nil:
		return strconv.Atoi(*n.Int)
	case n.Float != nil:
		switch *n.Float {
		case "NaN":
			return math.NaN(), nil
		case "+Inf", "Inf":
			return math.Inf(1), nil
		case "-Inf":
			return math.Inf(-1), nil
		}
		return strconv.ParseFloat(*n.Float, 64)
	case n.Bool != nil:
		return *n.Bool, nil
	case n.Time != nil:
		return time.Parse(time.RFC3339Nano, *n.Time)
	case n.Null:
		return nil, nil
	}
	return nil, fmt.Errorf("oracle: a value of the tree has no known type")
}
