// SPDX-License-Identifier: Apache-2.0
/** `kvloom run` as a shell sees it. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { kvloom } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'kvloom-run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(path(name), content);
  return path(name);
}

const json = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path(name), 'utf8')) as Record<string, unknown>;

describe('without arguments', () => {
  it('simulates the built-in session', () => {
    const { code, out, err } = kvloom('run');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/digest [0-9a-f]{4}…[0-9a-f]{4}/);
    expect(out).toContain('283 requests = 58 main + 225 sub');
    expect(out).toContain('infinite-cache hit 92.5 %');
    expect(out).toContain('recorded 33.0 min');
  });

  it('--json prints a document with the digest in hex', () => {
    const { code, out } = kvloom('run', '--json');
    expect(code).toBe(0);
    expect((JSON.parse(out) as { digest: string }).digest).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('outputs', () => {
  it('are the same bytes in every run but for meta', () => {
    for (const name of ['one', 'two']) {
      expect(kvloom('run', '-q', '-o', path(name)).code).toBe(0);
    }
    const names = readdirSync(path('one')).sort();
    expect(names).toEqual(['config.resolved.yaml', 'requests.jsonl', 'run.json', 'trace.json']);
    for (const name of names.filter((each) => each !== 'run.json')) {
      expect(readFileSync(path(`one/${name}`))).toEqual(readFileSync(path(`two/${name}`)));
    }
    const [one, two] = [json('one/run.json'), json('two/run.json')];
    expect(one['meta']).not.toEqual(two['meta']);
    expect({ ...one, meta: 0 }).toEqual({ ...two, meta: 0 });
    const { startedAt, host } = one['meta'] as { startedAt: string; host: string };
    const rest = JSON.stringify({ ...one, meta: 0 });
    for (const fact of [startedAt.slice(0, 10), `"${host}"`, folder]) {
      expect(rest.includes(fact), fact).toBe(false);
    }
  });

  it('feed back: the resolved config gives the same digest', () => {
    kvloom('run', '-q', '-o', path('first'), '--set', 'pools.0.blockSize=32');
    const { out } = kvloom('run', '--json', path('first/config.resolved.yaml'));
    expect((JSON.parse(out) as { digest: string }).digest).toBe(json('first/run.json')['digest']);
  });

  it('have one line a request and load as a trace', () => {
    kvloom('run', '-q', '-o', path('lines'));
    const lines = readFileSync(path('lines/requests.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(283);
    expect(JSON.parse(lines[0])).toMatchObject({ role: 'main', input_tokens: 15104 });
    expect((json('lines/trace.json')['traceEvents'] as unknown[]).length).toBeGreaterThan(283);
  });

  it('do not replace what is there unless told so', () => {
    const target = path('taken');
    expect(kvloom('run', '-q', '-o', target).code).toBe(0);
    const refused = kvloom('run', '-q', '-o', target);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('not empty');
    expect(kvloom('run', '-q', '-o', target, '--overwrite').code).toBe(0);
  });
});

describe('objectives', () => {
  it('that are met exit 0, missed ones 3', () => {
    const met = kvloom('run', '--slo', 'ttft_ms<60000');
    expect([met.code, met.out.includes('✓')]).toEqual([0, true]);
    const missed = kvloom('run', '--slo', 'ttft_ms<60000,tpot_ms<0.001');
    expect([missed.code, missed.out.includes('✗')]).toEqual([3, true]);
  });
});

describe('broken input', () => {
  const session = JSON.stringify({
    id: 's', block_size: 64,
    requests: [{ t: 0, type: 'n', model: 'm', in: 130, out: 9, hash_ids: [1, 2] }],
  });
  const row = (fields: object): string =>
    JSON.stringify({
      timestamp: 0, input_length: 600, output_length: 1, hash_ids: [1, 2], ...fields,
    });

  it.each<[string, string | Uint8Array, RegExp]>([
    ['cut.json.gz', gzipSync(session).subarray(0, 60), /cut\.json\.gz: .*truncated gzip/],
    ['half.jsonl', `${row({})}\n${row({}).slice(0, 40)}`, /half\.jsonl:2: /],
    ['type.jsonl', row({ input_length: 'many' }), /type\.jsonl:1: input_length: .*"many"/],
    ['negative.jsonl', row({ output_length: -4 }), /negative\.jsonl:1: output_length: .*-4/],
    ['nan.csv', 'arrived_at,num_prefill_tokens,num_decode_tokens\n1,NaN,3\n', /nan\.csv:2: .*NaN/],
    ['list.json', session.replace('[1,2]', '[1,2,3,4,5]'), /list\.json: requests\[0\]\.hash_ids: /],
    ['twice.jsonl', `${session}\n${session}\n`, /twice\.jsonl:2: .*"s"/],
    ['empty.jsonl', '', /empty\.jsonl: /],
    ['unknown.txt', 'hello\n', /unknown\.txt: /],
  ])('%s is refused with file, line or path, and leaves nothing behind', (name, content, says) => {
    const { code, out, err } = kvloom('run', file(name, content), '-o', path(`out-${name}`));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.split('\n')[0]).toMatch(says);
    expect(err).not.toContain('    at ');
    expect(existsSync(path(`out-${name}`))).toBe(false);
  });

  it.each([
    ['an unknown model', 'pools.0.model=deepseek-v9', 2, 'pools.0.model'],
    ['an unknown device', 'pools.0.device=h900', 2, 'pools.0.device'],
    ['too few blocks', 'pools.0.numGpuBlocks=100', 2, 'pools.0.numGpuBlocks'],
    ['a model that does not fit', 'pools.0.tensorParallel=1', 1, 'GB'],
    ['a built-in trace that is not there', 'workload.path=builtin:seed', 2, 'workload.path'],
    ['an infinite number', 'workload.maxGapSeconds=.inf', 2, 'workload.maxGapSeconds'],
  ])('%s names the config path and what is allowed', (_what, assignment, expected, says) => {
    const { code, out, err } = kvloom('run', '--set', assignment);
    expect({ code, out }).toEqual({ code: expected, out: '' });
    expect(err).toContain(says);
    expect(err).not.toContain('    at ');
  });

  it('an output folder that cannot be written is refused before the run', () => {
    const { code, err } = kvloom('run', '-o', join(file('plain', ''), 'out'));
    expect(code).toBe(2);
    expect(err).toContain('cannot write the output folder');
  });
});
