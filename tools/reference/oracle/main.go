// The oracle answers questions about the SOPS file format with the code of sops itself. It reads one JSON
// request per line on standard input and writes one JSON response per line on standard output, in whatever
// order they get ready; `id` ties them together. It opens no connection, and reads no key but those in a request.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/getsops/sops/v3/logging"
	"github.com/getsops/sops/v3/version"
)

// request holds the fields of every operation; each reads those it knows.
type request struct {
	ID json.RawMessage `json:"id"`
	Op string          `json:"op"`

	Format       string `json:"format"`
	OutputFormat string `json:"outputFormat"`
	Indent       *int   `json:"indent"`
	Text         []byte `json:"text"`
	Tree         []node `json:"tree"`

	Selectors        map[string]string `json:"selectors"`
	MACOnlyEncrypted bool              `json:"macOnlyEncrypted"`
	ShamirThreshold  int               `json:"shamirThreshold"`
	AgeRecipients    []string          `json:"ageRecipients"`
	KeyGroups        [][]string        `json:"keyGroups"`
	Enc              [][]string        `json:"enc"`
	DataKey          []byte            `json:"dataKey"`
	LastModified     string            `json:"lastModified"`

	AgeIdentity string `json:"ageIdentity"`
	IgnoreMAC   bool   `json:"ignoreMac"`

	PgpFingerprint string `json:"pgpFingerprint"`
	PgpRing        string `json:"pgpRing"`

	SkipTree bool `json:"skipTree"`
	SkipText bool `json:"skipText"`

	File        string            `json:"file"`
	Destination bool              `json:"destination"`
	KeyType     string            `json:"keyType"`
	AWSProfile  string            `json:"awsProfile"`
	KMSContext  map[string]string `json:"kmsContext"`

	Target   *request   `json:"target"`
	Targets  []*request `json:"targets"`
	Runs     int        `json:"runs"`
	Parallel int        `json:"parallel"`
}

// response is a JSON object; trees in it are encoded only when it is written, so that `time` does not measure that.
type response map[string]any

// failure is an error that says at which step of the flow it came up.
type failure struct {
	stage string
	err   error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func at(stage string, err error) error { return &failure{stage, err} }

var operations map[string]func(*request) (response, error)

func init() {
	operations = map[string]func(*request) (response, error){
		"version": func(*request) (response, error) {
			return response{"sops": version.Version, "go": runtime.Version()}, nil
		},
		"load":      load,
		"emit":      emit,
		"roundtrip": roundtrip,
		"encrypt":   encrypt,
		"decrypt":   decrypt,
		"rule":      rule,
		"flags":     flags,
		"pgpWrap":   pgpWrap,
		"pgpUnwrap": pgpUnwrap,
		"wrap":      wrap,
		"unwrap":    unwrap,
		"time":      measure,
	}
}

// run answers one request; a panic of sops becomes an error that says so.
func run(r *request) (answer response, err error) {
	operation, found := operations[r.Op]
	if !found {
		return nil, fmt.Errorf("unknown op %q", r.Op)
	}
	defer func() {
		if thrown := recover(); thrown != nil {
			answer, err = nil, &panicked{fmt.Sprint(thrown)}
		}
	}()
	return operation(r)
}

type panicked struct{ text string }

func (p *panicked) Error() string { return p.text }

func describe(err error) response {
	answer := response{"error": err.Error()}
	var failed *failure
	if errors.As(err, &failed) {
		answer["stage"] = failed.stage
	}
	var crash *panicked
	if errors.As(err, &crash) {
		answer["panic"] = true
	}
	return answer
}

func text(bytes []byte) string { return base64.StdEncoding.EncodeToString(bytes) }

func main() {
	for _, logger := range logging.Loggers {
		logger.SetOutput(io.Discard)
	}
	// Time is what the oracle is asked for; memory is cheap beside it.
	debug.SetGCPercent(400)

	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	var writing sync.Mutex
	var pending sync.WaitGroup
	var alone sync.RWMutex // a measurement runs while nothing else does
	slots := make(chan struct{}, 2*runtime.GOMAXPROCS(0))

	write := func(id json.RawMessage, answer response) {
		answer["id"] = id
		if id == nil {
			answer["id"] = nil
		}
		_, bad := answer["error"]
		if !bad {
			answer["ok"] = true
		}
		line, err := json.Marshal(answer)
		if err != nil {
			line, _ = json.Marshal(response{"id": answer["id"], "error": "oracle: cannot encode the answer: " + err.Error()})
		}
		writing.Lock()
		defer writing.Unlock()
		out.Write(line)
		out.WriteByte('\n')
		out.Flush()
	}

	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 1 {
			slots <- struct{}{}
			pending.Add(1)
			go func() {
				defer func() { <-slots; pending.Done() }()
				r := new(request)
				if err := json.Unmarshal(line, r); err != nil {
					write(r.ID, describe(fmt.Errorf("oracle: cannot read the request: %w", err)))
					return
				}
				if r.Op == "time" {
					alone.Lock()
					defer alone.Unlock()
				} else {
					alone.RLock()
					defer alone.RUnlock()
				}
				answer, err := run(r)
				if err != nil {
					answer = describe(err)
				}
				write(r.ID, answer)
			}()
		}
		if err != nil {
			break
		}
	}
	pending.Wait()
}
