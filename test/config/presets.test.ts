// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { applyAssignments, parseRunSpec, readConfigText } from '../../src/config/index.js';
import { findDevice } from '../../src/hardware/index.js';
import { findModel } from '../../src/model/index.js';
import { presetNames, readPreset } from '../../src/node/preset.js';

test('the presets of the documentation are there', () => {
  const names = ['agentic', 'agentic-roomy', 'chat-1k', 'chat-5k', 'corpus', 'seed-session'];
  expect(presetNames()).toEqual(names);
  expect(readPreset('nothing')).toBe(null);
});

describe.each(presetNames())('%s', (name) => {
  const text = readPreset(name)!;
  // A preset may leave its trace to the user.
  const trace = name === 'corpus' ? ['workload.path=traces.jsonl'] : [];
  const spec = parseRunSpec(applyAssignments(readConfigText(text, name), trace), name);

  test('parses, and is called by its name', () => expect(spec.name).toBe(name));

  test('names known models and devices', () => {
    for (const pool of spec.pools) {
      expect(findModel(pool.model), pool.model).toBeDefined();
      expect(findDevice(pool.device), pool.device).toBeDefined();
    }
  });

  test('points editors at the schema', () => {
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/schema\/run\.schema\.json\n/);
  });
});
