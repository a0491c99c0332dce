// twstrike/otr3 as a contender: both sides of a conversation in one process. ../README.md describes what it is asked and
// what it prints.
package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/twstrike/otr3"
)

const sessionsForHeap = 100

var secret = []byte("the same on both sides")

type pair struct {
	alice, bob *otr3.Conversation
	asked      bool
	equal      int
}

// HandleSMPEvent is called by both sides.
func (p *pair) HandleSMPEvent(event otr3.SMPEvent, percent int, question string) {
	switch event {
	case otr3.SMPEventAskForSecret:
		p.asked = true
	case otr3.SMPEventSuccess:
		p.equal++
	}
}

func check(holds bool, what string) {
	if !holds {
		fmt.Fprintln(os.Stderr, "otr3:", what)
		os.Exit(1)
	}
}

func newKey() otr3.PrivateKey {
	key := &otr3.DSAPrivateKey{}
	check(key.Generate(rand.Reader) == nil, "no key")
	return key
}

func connected(keys [2]otr3.PrivateKey) *pair {
	p := &pair{}
	side := func(key otr3.PrivateKey) *otr3.Conversation {
		c := &otr3.Conversation{Rand: rand.Reader}
		c.SetOurKeys([]otr3.PrivateKey{key})
		c.Policies.AllowV3()
		c.SetSMPEventHandler(p)
		return c
	}
	p.alice, p.bob = side(keys[0]), side(keys[1])
	p.carry(p.alice, p.bob, []otr3.ValidMessage{p.alice.QueryMessage()}, nil)
	check(p.alice.IsEncrypted() && p.bob.IsEncrypted(), "a key exchange that did not secure both")
	return p
}

// Delivers messages and what they bring about; what the first receiver reads is compared with text.
func (p *pair) carry(from, to *otr3.Conversation, messages []otr3.ValidMessage, text []byte) {
	for len(messages) > 0 {
		var answers []otr3.ValidMessage
		for _, message := range messages {
			plain, more, err := to.Receive(message)
			check(err == nil, "a message that was refused")
			check(text == nil || bytes.Equal(plain, text), "a text that was not read")
			answers = append(answers, more...)
		}
		text, messages = nil, answers
		from, to = to, from
	}
}

func (p *pair) write(text []byte) {
	messages, err := p.alice.Send(text)
	check(err == nil && len(messages) > 0, "a text that was not sent")
	p.carry(p.alice, p.bob, messages, text)
}

func (p *pair) compare() {
	p.asked, p.equal = false, 0
	messages, err := p.alice.StartAuthenticate("", secret)
	check(err == nil, "SMP did not start")
	p.carry(p.alice, p.bob, messages, nil)
	check(p.asked, "nobody was asked")
	messages, err = p.bob.ProvideAuthenticationSecret(secret)
	check(err == nil, "SMP was not answered")
	p.carry(p.bob, p.alice, messages, nil)
	check(p.equal == 2, "secrets that are not equal")
}

// The process's CPU time, of all its threads.
func now() time.Duration {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage) == nil, "no clock")
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func measure(limit time.Duration, run func()) {
	batch := func(times int) time.Duration {
		start := now()
		for i := 0; i < times; i++ {
			run()
		}
		return now() - start
	}
	times := 1
	for batch(times) < time.Millisecond {
		times *= 2
	}
	start := now()
	for {
		fmt.Println(int(batch(times)) / times)
		if now()-start >= limit {
			return
		}
	}
}

func heap(keys [2]otr3.PrivateKey) {
	live := func() int {
		var stats runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return int(stats.HeapAlloc)
	}
	pairs := make([]*pair, 0, sessionsForHeap+1)
	pairs = append(pairs, connected(keys))
	before := live()
	for i := 0; i < sessionsForHeap; i++ {
		pairs = append(pairs, connected(keys))
	}
	fmt.Println((live() - before) / (2 * sessionsForHeap))
	runtime.KeepAlive(pairs)
}

func main() {
	check(len(os.Args) == 3, "usage: contender OPERATION MILLISECONDS")
	milliseconds, err := strconv.ParseFloat(os.Args[2], 64)
	check(err == nil, "not a number of milliseconds")
	limit := time.Duration(milliseconds * float64(time.Millisecond))
	if os.Args[1] == "keygen" {
		measure(limit, func() { newKey() })
		return
	}

	keys := [2]otr3.PrivateKey{newKey(), newKey()}
	oneWay := func(length int) {
		p, text := connected(keys), bytes.Repeat([]byte("a"), length)
		measure(limit, func() { p.write(text) })
	}
	switch os.Args[1] {
	case "ake":
		measure(limit, func() { connected(keys) })
	case "smp":
		measure(limit, connected(keys).compare)
	case "ping-pong-100":
		p, text := connected(keys), bytes.Repeat([]byte("a"), 100)
		measure(limit, func() {
			p.write(text)
			p.alice, p.bob = p.bob, p.alice
		})
	case "one-way-100":
		oneWay(100)
	case "one-way-1k":
		oneWay(1024)
	case "one-way-64k":
		oneWay(64 * 1024)
	case "heap":
		heap(keys)
	default:
		check(false, "unknown operation")
	}
}
