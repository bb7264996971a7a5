// An app that overflows its stack in our calls: what comes later is recorded.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balanced, bodiesIn, open, settle, spansIn } from './harness.mjs';

const ROUNDS = 20;

/** Runs `call` at the end of the stack, some frames nearer to it each time. */
function overflow(call, round) {
  const fall = () => {
    try {
      fall();
    } finally {
      call();
    }
  };
  const pad = (left) => (left > 0 ? pad(left - 1) : fall());
  assert.throws(() => pad(round), RangeError);
}

const CALLS = {
  'log calls': ({ log }) => (n) => log.info('deep', { n }),
  'log calls with errors': ({ log }) => (n) => log.error('deep', { n }, new Error('x')),
  spans: ({ tracer }) => () => tracer.startSpan('deep').end(),
  measurements: ({ sonde }) => {
    const counter = sonde.meter('m').createCounter('c');
    return (n) => counter.add(1, { n });
  },
};

for (const [what, prepare] of Object.entries(CALLS)) {
  test(`a stack that overflows in ${what}`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const world = open();
      const call = prepare(world);
      let n = 0;
      overflow(() => { if (n++ < 400) call(n); }, round);
      await settle();
      await world.clock.pass(60_000);
      world.log.error('later');
      world.tracer.startSpan('later').end();
      let flushed = false;
      world.sonde.flush().then(() => { flushed = true; });
      await world.clock.pass(60_000);
      assert.ok(flushed, `flush, round ${round}`);
      assert.ok(world.network.of('logs').flatMap(bodiesIn).includes('later'), `the log, round ${round}`);
      assert.ok(world.network.of('traces').flatMap(spansIn).some(({ name }) => name === 'later'), `the span, round ${round}`);
      const { traces, metrics, ...logs } = world.sonde.stats();
      for (const ledger of [logs, traces, metrics]) assert.ok(balanced(ledger));
    }
  });
}
