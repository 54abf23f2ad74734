package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// measure runs other requests inside this process and answers with wall times in nanoseconds, so that no
// pipe and no JSON is measured. With `target`: one time per run. With `targets`: one time per pass over the
// whole list, which `parallel` workers share.
func measure(r *request) (response, error) {
	targets := r.Targets
	if r.Target != nil {
		targets = []*request{r.Target}
	}
	if len(targets) == 0 || r.Runs < 1 {
		return nil, fmt.Errorf("oracle: time needs target or targets, and runs")
	}
	for _, target := range targets {
		if target.Op == "time" {
			return nil, fmt.Errorf("oracle: time cannot measure itself")
		}
	}
	workers := max(1, min(r.Parallel, len(targets)))
	times := make([]int64, 0, r.Runs)
	for range r.Runs {
		var next atomic.Int64
		var failed atomic.Pointer[error]
		pass := func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(targets) || failed.Load() != nil {
					return
				}
				if _, err := run(targets[i]); err != nil {
					failed.Store(&err)
					return
				}
			}
		}
		start := time.Now()
		if workers == 1 {
			pass()
		} else {
			var group sync.WaitGroup
			for range workers {
				group.Go(pass)
			}
			group.Wait()
		}
		times = append(times, time.Since(start).Nanoseconds())
		if err := failed.Load(); err != nil {
			return nil, *err
		}
	}
	return response{"nanoseconds": times}, nil
}
