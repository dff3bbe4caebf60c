// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import {
  formatConfig,
  mapModels,
  parseConfig,
  parseRunSpec,
  readConfigText,
} from '../../src/config/index.js';
import { UserError } from '../../src/core/user-error.js';

function failure(text: string): string {
  try {
    parseConfig(text, 'a.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  throw new Error(`accepted: ${text}`);
}

describe('defaults', () => {
  test('an empty config is the built-in session on eight H200', () => {
    const spec = parseConfig('');
    expect(spec.seed).toBe(42);
    expect(spec.pools).toHaveLength(1);
    expect(spec.pools[0]).toMatchObject({ model: 'deepseek-v3', device: 'h200_sxm' });
    expect(spec.pools[0]).toMatchObject({ tensorParallel: 8, numGpuBlocks: null, blockSize: 64 });
    expect(spec.workload).toMatchObject({ kind: 'trace', path: 'builtin:seed-session' });
    expect(spec.limits.exactRequests).toBe(1_000_000);
  });

  test('the resolved form parses to itself, as text too', () => {
    const spec = parseConfig('pools: [{ replicas: 3 }]\nslo: { ttft_ms: 2000 }\nseed: 0');
    expect(parseRunSpec(spec)).toEqual(spec);
    expect(parseConfig(formatConfig(spec))).toEqual(spec);
    expect(parseConfig(JSON.stringify(spec))).toEqual(spec);
  });

  test('two configs do not share their defaults', () => {
    const [a, b] = [parseConfig(''), parseConfig('')];
    a.pools[0]!.replicas = 9;
    a.models['x'] = 'main';
    expect(b.pools[0]!.replicas).toBe(1);
    expect(b.models).toEqual({});
    expect(parseConfig('').pools[0]!.replicas).toBe(1);
  });

  test('a model may be called like a property of every object', () => {
    const spec = parseConfig('pools: [{}]');
    expect(mapModels(spec, ['constructor'])).toEqual([0]);
  });
});

describe('every error says where and what is allowed', () => {
  const cases: [string, string][] = [
    ['pools: [{ replicas: 0 }]', 'pools.0.replicas: must be > 0, got 0'],
    ['pools: [{ replicas: "4" }]', 'pools.0.replicas: must be a number, got "4"'],
    ['pools: [{ replicas: 1.5 }]', 'pools.0.replicas: must be an integer, got 1.5'],
    ['pools: [{ replicas: .nan }]', 'pools.0.replicas: must be a number, got NaN'],
    ['pools: [{ replicas: .inf }]', 'pools.0.replicas: must be a number, got Infinity'],
    ['pools: [{ numGpuBlocks: -1 }]', 'pools.0.numGpuBlocks: must be > 0, got -1'],
    ['pools: [{ blockSize: 8192 }]', 'pools.0.blockSize: must be <= 4096, got 8192'],
    ['pools: [{ name: "" }]', 'pools.0.name: must not be empty'],
    ['pools: [{ prefixCaching: 3 }]', 'pools.0.prefixCaching: must be true or false, got 3'],
    ['pools: [{}, {}]', 'pools.1.name: must be unique, "main" names pools.0'],
    ['pools: []', 'pools: must have at least 1 entry, got []'],
    ['pools: 3', 'pools: must be a list, got 3'],
    ['pools: [{ replica: 1 }]', 'pools.0.replica: unknown key, did you mean "replicas"?'],
    [
      'pools: [{ num_gpu_blocks: 1 }]',
      'pools.0.num_gpu_blocks: unknown key, did you mean "numGpuBlocks"?',
    ],
    ['pool: []', 'pool: unknown key, did you mean "pools"?'],
    ['limits: { zebra: 1 }', 'limits.zebra: unknown key, allowed: exactRequests'],
    [
      'pools: [{ router: prefix-awre }]',
      'pools.0.router: must be one of round-robin, prefix-aware, got "prefix-awre", ' +
        'did you mean "prefix-aware"?',
    ],
    ['seed: -1', 'seed: must be >= 0, got -1'],
    ['seed: 1e300', 'seed: must be <= 9007199254740991, got 1e+300'],
    ['schema: 2', 'schema: must be 1, got 2'],
    ['models: { a: other }', 'models.a: must name a pool ("main"), got "other"'],
    ['defaultPool: other', 'defaultPool: must name a pool ("main"), got "other"'],
    [
      'workload: { kind: tracer }',
      'workload.kind: must be one of trace, fixed, agentic, got "tracer", did you mean "trace"?',
    ],
    ['workload: {}', 'workload.kind: must be one of trace, fixed, agentic, got nothing'],
    ['workload: { kind: trace, lane: 2 }', 'workload.lane: unknown key, did you mean "lanes"?'],
    ['workload: { kind: trace, path: "" }', 'workload.path: must not be empty'],
    [
      'workload: { kind: fixed, requests: 1, inputTokens: 1, outputTokens: 1 }',
      'workload.concurrency: is required: a number',
    ],
    ['slo: { ttft_mss: 1 }', 'slo.ttft_mss: unknown SLO, did you mean "ttft_ms"?'],
    ['slo: { ttft_ms: 0 }', 'slo.ttft_ms: must be > 0, got 0'],
    ['5', 'config: must be a mapping, got 5'],
    ['[1]', 'config: must be a mapping, got [1]'],
  ];
  test.each(cases)('%s', (text, message) => {
    expect(failure(text)).toBe(`a.yaml: ${message}`);
  });

  test('an unknown key is named before what it left missing', () => {
    const fixed = 'kind: fixed, inputTokens: 1, outputTokens: 1, concurrency: 1';
    expect(failure(`workload: { ${fixed}, request: 1 }`).split('\n')).toEqual([
      'a.yaml: workload.request: unknown key, did you mean "requests"?',
      'a.yaml: workload.requests: is required: a number',
    ]);
  });

  test('broken YAML names its line', () => {
    expect(failure('seed: 1\nseed: 2')).toBe('a.yaml:2: Map keys must be unique');
    expect(failure('pools: [\n')).toMatch(/^a\.yaml:\d+: /);
  });

  test('aliases cannot blow up', () => {
    const layers = Array.from({ length: 9 }, (_, i) => {
      const before = i === 0 ? 'x' : `*l${i - 1}`;
      return `l${i}: &l${i} [${Array(9).fill(before).join(', ')}]`;
    });
    expect(() => readConfigText(layers.join('\n'), 'a.yaml')).toThrow();
  });
});

describe('models of a trace', () => {
  const two = 'pools: [{ name: a }, { name: b }]\n';

  test('names map explicitly, the rest to defaultPool', () => {
    const spec = parseConfig(`${two}models: { big: b }\ndefaultPool: a`);
    expect(mapModels(spec, ['small', 'big'])).toEqual([0, 1]);
  });

  test('a single model goes to the first pool', () => {
    expect(mapModels(parseConfig(two), ['any'])).toEqual([0]);
  });

  test('several models without a pool are named', () => {
    const spec = parseConfig(`${two}models: { big: b }`);
    expect(() => mapModels(spec, ['big', 'mid', 'small'], 't.json')).toThrow(
      't.json: models: the trace has 3 models and no pool serves "mid", "small": ' +
        'map each to one of a, b, or set defaultPool',
    );
  });
});
