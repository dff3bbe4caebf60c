// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { applyAssignments, parseRunSpec } from '../../src/config/index.js';

test('values are YAML and create what is missing', () => {
  const data = applyAssignments({}, [
    'pools.0.replicas=4',
    'pools.0.numGpuBlocks=null',
    'pools.0.prefixCaching=false',
    'models."glm-4.6"=main',
    'slo.ttft_ms=2e3',
    'name=a=b',
  ]);
  const spec = parseRunSpec(data);
  expect(spec.pools[0]).toMatchObject({ replicas: 4, numGpuBlocks: null, prefixCaching: false });
  expect(spec.models).toEqual({ 'glm-4.6': 'main' });
  expect(spec.slo).toEqual({ ttft_ms: 2000 });
  expect(spec.name).toBe('a=b');
});

test('the input stays as it is', () => {
  const data = { pools: [{ replicas: 1 }] };
  const changed = applyAssignments(data, ['pools.0.replicas=2']);
  expect(changed).toMatchObject({ pools: [{ replicas: 2 }] });
  expect(data).toEqual({ pools: [{ replicas: 1 }] });
});

test('one past the end of a list appends', () => {
  const spec = parseRunSpec(applyAssignments({}, ['pools.1.name=second']));
  expect(spec.pools.map((pool) => pool.name)).toEqual(['main', 'second']);
});

test('another kind of workload drops the keys of the old one', () => {
  const data = applyAssignments({ workload: { kind: 'trace', lanes: 4 } }, [
    'workload.kind=fixed',
    'workload.requests=1',
  ]);
  expect(data).toMatchObject({ workload: { kind: 'fixed', requests: 1 } });
  expect((data as { workload: object }).workload).not.toHaveProperty('lanes');
});

const usage = 'must read path=value, for example pools.0.replicas=4, got';
const cases: [string, string][] = [
  ['pools.0.replicas', `--set: ${usage} "pools.0.replicas"`],
  ['=3', `--set: ${usage} "=3"`],
  ['a..b=1', `--set: ${usage} "a..b=1"`],
  ['a.=1', `--set: ${usage} "a.=1"`],
  ['__proto__.x=1', `--set: ${usage} "__proto__.x=1"`],
  ['pools.x.replicas=1', '--set pools.x.replicas: index must be 0..1, got "x"'],
  ['pools.2.replicas=1', '--set pools.2.replicas: index must be 0..1, got "2"'],
  ['seed.x=1', '--set seed.x: "seed" is a value, not a mapping'],
];
test.each(cases)('%s', (text, message) => {
  expect(() => applyAssignments({ seed: 1 }, [text])).toThrow(message);
});

test('a value that is no YAML names its path', () => {
  expect(() => applyAssignments({}, ['models=[1'])).toThrow(/^--set models: value is not YAML: /);
});
