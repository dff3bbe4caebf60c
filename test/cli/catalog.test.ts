// SPDX-License-Identifier: Apache-2.0
/** `kvloom catalog` and `--catalog` as a shell sees them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { devices } from '../../src/hardware/index.js';
import { models } from '../../src/model/index.js';
import { kvloom } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'kvloom-catalog-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, 'tiny'));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const tiny = file('tiny/config.json', {
  model_type: 'qwen3',
  hidden_size: 1024,
  intermediate_size: 3072,
  num_hidden_layers: 28,
  num_attention_heads: 16,
  num_key_value_heads: 8,
  head_dim: 128,
  vocab_size: 151936,
  max_position_embeddings: 40960,
  tie_word_embeddings: true,
});

interface Fact {
  readonly name: string;
  readonly value: number | null;
  readonly unit: string;
  readonly source: string;
  readonly status: string;
  readonly date: string;
}

describe('catalog', () => {
  it('prints every fact of an entry with status, date and source', () => {
    const { code, out } = kvloom('catalog', 'hardware', 'vr_nvl72');
    expect(code).toBe(0);
    expect(out).toContain('contents: 72 x rubin, 36 x vera_cpu');
    expect(out).toMatch(/memoryBytes +20\.736 TB +vendor claim +2026-11-20 +sum of 72 x rubin/);
    expect(out).toMatch(/memoryBandwidthBytesPerS +1\.584 PB\/s/);
    expect(out).toMatch(/nvfp4HeadlineFlopsPerS +3600 PFLOP\/s/);
    const lpx = kvloom('catalog', 'hardware', 'lpx').out;
    expect(lpx).toMatch(/powerW +unpublished \(120 kW to 230 kW\) +assumed/);
  });

  it('gives facts as JSON', () => {
    const { out } = kvloom('catalog', 'models', 'deepseek-v4-pro', '--json');
    const { facts, layers } = JSON.parse(out) as { facts: Fact[]; layers: number };
    expect(layers).toBe(61);
    expect(facts.find(({ name }) => name === 'KV a token fp8')?.value).toBe(4924);
    for (const { name, source, status, date } of facts) {
      expect(source.length, name).toBeGreaterThan(10);
      expect(status.length * date.length, name).toBeGreaterThan(0);
    }
  });

  it('lists prices of a device and of a model', () => {
    expect(kvloom('catalog', 'prices', 'claude-opus-5').out).toMatch(
      /input at 95 % hits, of uncached input +0\.1575 share +inferred/,
    );
    const hours = kvloom('catalog', 'prices', 'gb300').out;
    expect(hours).toMatch(/gb300-private.* 5\.5 USD\/GPU-hour \(4 .* to 7 .*\) +inferred/);
    expect(kvloom('catalog', 'prices', 'claude-haiku-5.5').out).toContain('above 100000 prompt');
  });

  it('names a kind or an entry that is not there', () => {
    expect(kvloom('catalog', 'price')).toMatchObject({ code: 2 });
    const { code, err } = kvloom('catalog', 'hardware', 'h20o');
    expect(code).toBe(2);
    expect(err).toContain('catalog hardware: no "h20o", did you mean');
  });

  it('reads a config.json as a model named after its folder', () => {
    const { code, out } = kvloom('catalog', 'models', 'tiny', '--catalog', tiny);
    expect(code).toBe(0);
    expect(out).toMatch(/^id: tiny\n/);
    expect(out).toMatch(/parameters +0\.59\d+ G +inferred/);
    expect(out).toMatch(/KV a token bf16 +114688 B/);
    expect(out).toContain('config.json of tiny');
    expect(out).not.toContain(folder);
  });

  it('names file and field of a config.json or a catalogue that is wrong', () => {
    const short = file('short.json', { model_type: 'llama', num_hidden_layers: 2 });
    expect(kvloom('catalog', 'models', '--catalog', short).err).toContain(
      `${short}: hidden_size: is required (allowed: a whole number of 1 or more)`,
    );
    const wrong = file('wrong.yaml', 'devices: [{ id: x }]\n');
    expect(kvloom('catalog', '--catalog', wrong).err).toContain(`${wrong}: devices.0.name: is req`);
    expect(kvloom('catalog', '--catalog', join(folder, 'no')).err).toContain('no such file');
  });
});

describe('run --catalog', () => {
  it('runs a model and a device that nobody listed', () => {
    const device = { ...devices[1], id: 'h300', name: 'H300', aliases: [] };
    const own = file('own.json', { devices: [device], models: [{ ...models[0], id: 'copy' }] });
    const set = ['--set', 'pools.0.model=tiny', '--set', 'pools.0.device=h300'];
    const fixed = '{ kind: fixed, requests: 4, inputTokens: 128, outputTokens: 8, concurrency: 2 }';
    const config = file('run.yaml', `workload: ${fixed}\npools: [{ tensorParallel: 1 }]\n`);
    const { code, out, err } = kvloom(
      'run', config, ...set, '--catalog', tiny, '--catalog', own, '--json',
    );
    expect(err).toBe('');
    expect(code).toBe(0);
    const { spec, assumptions } = JSON.parse(out) as {
      spec: { catalog: { models: { id: string }[] } };
      assumptions: { what: string }[];
    };
    expect(spec.catalog.models.map(({ id }) => id)).toEqual(['copy', 'tiny']);
    expect(assumptions.map(({ what }) => what)).toContain('H300: HBM3e bandwidth');
  });
});
