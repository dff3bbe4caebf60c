// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BlockKeys, type ExtraKeys } from '../../src/core/index.js';
import { describeBuilds } from '../support/cores.js';

describeBuilds('block keys', (load) => {
  const core = load();
  const keysOf = (tokens: Iterable<number>, extras: ExtraKeys = {}, size = 4): bigint[] => {
    const keys = new BlockKeys(core, size, extras);
    const all = keys.extend(tokens);
    keys.dispose();
    return all;
  };
  const prompt = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

  it('are of full blocks, and a changed token changes its block and all behind it', () => {
    const keys = keysOf(prompt);
    expect(keys).toHaveLength(2);
    const other = keysOf(prompt.with(5, 99));
    expect(other[0]).toBe(keys[0]);
    expect(other[1]).not.toBe(keys[1]);
    expect(keysOf([1, 2, 3, 4, 1, 2, 3, 4])[1]).not.toBe(keysOf([1, 2, 3, 4])[0]);
  });

  it('of a sequence in pieces are those of the whole', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200000), { maxLength: 40 }), fc.nat(40), (tokens, cut) => {
        const keys = new BlockKeys(core, 3, { salt: 's' });
        const pieces = [...keys.extend(tokens.slice(0, cut)), ...keys.extend(tokens.slice(cut))];
        keys.dispose();
        expect(pieces).toEqual(keysOf(tokens, { salt: 's' }, 3));
      }),
      { numRuns: 50 },
    );
  });

  it('tell a LoRA name from an equal salt, and both from neither', () => {
    const seen = [{}, { lora: 'a' }, { salt: 'a' }, { lora: 'a', salt: 'a' }, { lora: 'aa' }];
    const first = seen.map((extras) => keysOf(prompt, extras)[0]);
    expect(new Set(first).size).toBe(seen.length);
    expect(keysOf(prompt, { lora: 'a' })[1]).not.toBe(keysOf(prompt)[1]);
  });

  it('separate tenants from block 0 on', () => {
    const [a, b] = [keysOf(prompt, { salt: 'a' }), keysOf(prompt, { salt: 'b' })];
    expect(a.some((key) => b.includes(key))).toBe(false);
  });

  it('know media by content and by place in the block', () => {
    const at = (offset: number, id = 'cat'): bigint[] =>
      keysOf(prompt, { media: [{ id, offset, length: 2 }] });
    const plain = keysOf(prompt);
    expect(at(5)[0]).toBe(plain[0]);
    expect(at(5)[1]).not.toBe(plain[1]);
    expect(at(5)[1]).not.toBe(at(4)[1]);
    expect(at(5)[1]).not.toBe(at(5, 'dog')[1]);
    // It ends where block 1 begins: not part of it.
    expect(at(2)[0]).not.toBe(plain[0]);
    const behind = keysOf([9, 9, 9, 9, ...prompt.slice(4)], {});
    expect(behind[1]).not.toBe(plain[1]);
  });
});
