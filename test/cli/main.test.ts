// SPDX-License-Identifier: Apache-2.0
/** The built command as a shell sees it. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { read, root } from '../support/source.js';

const main = join(root, 'dist/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'kvloom-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function kvloom(...args: string[]): { code: number | null; out: string; err: string } {
  const env = { ...process.env, NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    env,
  });
  return { code: status, out: stdout, err: stderr };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('help', () => {
  test('the version is the one of the package', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(kvloom('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  test.each([[['--help']], [[]], [['run', '--help']], [['help', 'run']], [['catalog', '--help']]])(
    'examples come first: %j',
    (args) => {
      const { code, out, err } = kvloom(...args);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(/^Examples:\n {2}\$ kvloom /);
      expect(out).toContain('--no-color');
    },
  );
});

describe('wrong usage exits 2 and says what is meant', () => {
  const cases: [string[], string][] = [
    [['rum'], "unknown command 'rum'\n(Did you mean run?)"],
    [['run', '--sed', '1'], "unknown option '--sed'\n(Did you mean one of --seed, --set?)"],
    [['run', 'agentc'], 'error: agentc: no such file or preset, did you mean "agentic"?'],
    [['run', 'no-such.yaml'], 'error: no-such.yaml: no such file or preset'],
    [['run', '--seed', 'x'], 'seed: must be a number, got "x"'],
    [['run', '--set', 'pools.0.replica=2'], 'unknown key, did you mean "replicas"?'],
    [['run', '--replicas', '0'], 'pools.0.replicas: must be > 0, got 0'],
    [['run', '--tariff', 'claude-opos'], 'tariffs.0: is not in the catalogue'],
    [['run', '--lanes', '1.5'], 'workload.lanes: must be an integer, got 1.5'],
    [['run', '--format', 'wekka'], 'did you mean "weka"?'],
    [['run', '--slo', 'tfft_ms<3'], 'error: --slo tfft_ms: unknown SLO, did you mean "ttft_ms"?'],
    [['run', 'corpus'], 'workload.path: needs a trace: kvloom run corpus TRACE'],
    [['run', 'agentic', 'x.json'], '"agentic" generates its requests and takes no trace'],
    [['catalog', 'model'], 'models, prices, presets, got "model", did you mean "models"?'],
    [['catalog', 'models', 'lama-2-7b'], 'no "lama-2-7b", did you mean "llama-2-7b"?'],
  ];
  test.each(cases)('%j', (args, message) => {
    const { code, out, err } = kvloom(...args);
    expect(err).toContain(message);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  test('a config error names file and path', () => {
    const path = file('bad.yaml', 'pools: [{ replicas: 0 }]');
    const { code, err } = kvloom('run', path);
    expect({ code, err }).toEqual({
      code: 2,
      err: `error: ${path}: pools.0.replicas: must be > 0, got 0\n`,
    });
  });

  test('an output folder in use is refused before the run', () => {
    file('keep.txt', 'x');
    const before = readdirSync(folder);
    const { code, err } = kvloom('run', '-o', folder);
    expect(code).toBe(2);
    expect(err).toContain('the output folder is not empty');
    expect(readdirSync(folder)).toEqual(before);
  });
});

describe('catalog', () => {
  test('JSON is the whole of stdout', () => {
    const { code, out } = kvloom('catalog', '--json');
    expect(code).toBe(0);
    const all = JSON.parse(out) as Record<string, { id: string }[]>;
    expect(all['hardware']!.map(({ id }) => id)).toContain('h200_sxm');
    expect(all['models']!.map(({ id }) => id)).toContain('deepseek-v3');
    expect(all['presets']!.map(({ id }) => id)).toContain('seed-session');
  });

  test('every row has a status and a source', () => {
    const { out } = kvloom('catalog', 'hardware');
    const lines = out.trim().split('\n').slice(1);
    const rows = lines.filter((line) => line !== '' && !line.startsWith('name '));
    expect(rows.length).toBeGreaterThan(3);
    for (const row of rows) expect(row).toMatch(/(measured|vendor claim|inferred|assumed) {2,}\S/);
  });

  test('the schema is the published one', () => {
    expect(kvloom('catalog', '--schema').out).toBe(read('schema/run.schema.json'));
  });

  test('one entry, by alias too', () => {
    expect(kvloom('catalog', 'hardware', 'h100').out).toMatch(/^id: h100_sxm\n/);
    expect(kvloom('--json', 'catalog', 'models', 'llama-2-7b').out).toMatch(/^\{/);
  });
});

test('a reader that leaves early is no failure', async () => {
  const child = spawn(process.execPath, [main, 'catalog', '--json']);
  child.stdout.destroy();
  let err = '';
  child.stderr.on('data', (data: Buffer) => (err += data.toString()));
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect({ code, err }).toEqual({ code: 0, err: '' });
});
