// SPDX-License-Identifier: Apache-2.0
import type { FamilyKey, Fitted, FittedFamily } from './fitted-family.js';
import { boundOf, emptyCost, type Form, type OperationBound, type OperationCost } from './form.js';
import { formOf } from './forms.js';
import type { Operation } from './operation.js';
import type { Peaks } from './peaks.js';
import { OperationMemo } from './operation-memo.js';

/** Latency of one operation. */
export interface OperationEstimate extends OperationCost {
  /** Milliseconds, as measured rows have it. */
  readonly ms: number;
  readonly bound: OperationBound;
  /** Constants of something else that stood in; '' when the operation's own were at hand. */
  readonly borrowed: string;
  /** What lies outside of the ranges where the form was checked; '' when nothing does. */
  readonly beyond: string;
}

/** Generation whose constants come closest when a generation was never measured. */
const NEAREST: Readonly<Record<string, readonly string[]>> = {
  ampere: ['hopper', 'blackwell'],
  ada: ['hopper', 'blackwell'],
  hopper: ['hopper', 'blackwell'],
  blackwell: ['blackwell', 'hopper'],
};

/** An operation's kind on a system, its constants looked up: what an inner loop should hold. */
export class BoundOperation {
  private readonly cost = emptyCost();
  /** Large, so made when first used. */
  private memo: OperationMemo | undefined;

  constructor(
    readonly form: Form,
    readonly peaks: Peaks,
    readonly constants: readonly number[],
    readonly family: FittedFamily,
    readonly borrowed: string,
    /** Whether attention finds nothing in L2. */
    readonly cold: boolean,
  ) {}

  /** Latency in us, remembered by sizes. The operation must be of the kind this was bound for. */
  us(operation: Operation): number {
    const memo = this.memo ??= new OperationMemo();
    const slot = memo.find(operation);
    if (memo.hit) return memo.values[slot];
    const us = this.evaluate(operation, this.cost);
    memo.values[slot] = us;
    return us;
  }

  /** As `us`, with what it is made of in `cost`, and not remembered. */
  evaluate(operation: Operation, cost: OperationCost): number {
    return this.form.evaluate(operation, this.peaks, this.constants, cost, this.cold);
  }

  estimate(operation: Operation): OperationEstimate {
    const { form, cost, borrowed } = this;
    const us = form.evaluate(operation, this.peaks, this.constants, cost, this.cold);
    const { computeUs, memoryUs, linkUs, fixedUs } = cost;
    return {
      us, computeUs, memoryUs, linkUs, fixedUs,
      ms: us / 1000, bound: boundOf(cost), borrowed, beyond: this.beyond(operation),
    };
  }

  /** What lies outside of the ranges where the form was checked; '' when nothing does. */
  beyond(operation: Operation): string {
    const beyond = this.form.beyond(operation);
    if (beyond !== '' || !this.family.held.includes('compute')) return beyond;
    return `few rows of ${this.family.kernelSource}`;
  }
}

/** Constants that a kind of operation takes on a system. */
interface Choice {
  readonly form: Form;
  readonly family: FittedFamily;
  readonly system: string;
  readonly borrowed: string;
}

/** Finds fitted constants for an operation on a system and evaluates its form. */
export class OperationEstimator {
  /** By peaks themselves, not their name: a derated device keeps its name. */
  private readonly bound = new WeakMap<Peaks, Map<string, BoundOperation>>();
  /** By kind of operation and by system, which decide it whatever the peaks are. */
  private readonly choices = new Map<string, Choice>();

  /** `cold`: attention finds nothing in L2, as in serving; measured rows repeat on one cache. */
  constructor(
    private readonly fitted: Fitted,
    private readonly cold = false,
  ) {}

  /**
   * Constants for the operation's kind: those of its own kernel on its own system, else the
   * nearest, which `borrowed` names.
   * @throws RangeError when no constants of that operation were fitted at all.
   */
  bind(operation: Operation, peaks: Peaks): BoundOperation {
    const { op, dtype, kvDtype, kernelSource, framework, version } = operation;
    const key = [op, dtype, kvDtype, kernelSource, framework, version].join('\n');
    let known = this.bound.get(peaks);
    if (known === undefined) {
      known = new Map();
      this.bound.set(peaks, known);
    }
    let found = known.get(key);
    if (found === undefined) {
      const { form, family, system, borrowed } = this.choice(key, operation, peaks);
      const constants = family.systems[system];
      found = new BoundOperation(form, peaks, constants, family, borrowed, this.cold);
      known.set(key, found);
    }
    return found;
  }

  /** @throws as `bind` does. */
  estimate(operation: Operation, peaks: Peaks): OperationEstimate {
    return this.bind(operation, peaks).estimate(operation);
  }

  private choice(key: string, operation: Operation, peaks: Peaks): Choice {
    const onSystem = `${peaks.id}\n${peaks.generation}\n${key}`;
    let found = this.choices.get(onSystem);
    if (found === undefined) {
      found = this.nearest(operation, peaks);
      this.choices.set(onSystem, found);
    }
    return found;
  }

  private nearest(operation: Operation, peaks: Peaks): Choice {
    const form = formOf(operation);
    let best: { family: FittedFamily; system: string; score: number } | undefined;
    for (const family of this.fitted.families) {
      if (family.op !== operation.op) continue;
      // Products have a form for each way of scaling; constants do not carry between forms.
      if (formOf({ op: operation.op, dtype: family.dtype }) !== form) continue;
      const system = systemOf(family, peaks);
      const score = closeness(family, operation) + systemScore(system, peaks);
      if (best === undefined || score > best.score) best = { family, system, score };
    }
    if (best === undefined) {
      throw new RangeError(`no constants were fitted for ${operation.op} in ${operation.dtype}`);
    }
    const { family, system } = best;
    return { form, family, system, borrowed: borrowedNote(family, operation, system, peaks) };
  }
}

/** Own system, else the nearest generation. */
function systemOf(family: FittedFamily, peaks: Peaks): string {
  if (peaks.id in family.systems) return peaks.id;
  const order = NEAREST[peaks.generation];
  return order.find((name) => name in family.systems) ?? Object.keys(family.systems)[0];
}

function systemScore(system: string, peaks: Peaks): number {
  if (system === peaks.id) return 70;
  return system === NEAREST[peaks.generation][0] ? 60 : 0;
}

/** Format first, then generation (above), kernel, framework, version; more rows break ties. */
function closeness(family: FittedFamily, wanted: FamilyKey): number {
  return (
    (family.dtype === wanted.dtype ? 400 : 0) +
    (family.kvDtype === wanted.kvDtype ? 200 : 0) +
    (family.kernelSource === wanted.kernelSource ? 25 : 0) +
    (family.framework.toLowerCase() === wanted.framework.toLowerCase() ? 4 : 0) +
    (family.version === wanted.version ? 2 : 0) +
    family.rows / 1000
  );
}

function borrowedNote(
  family: FittedFamily,
  wanted: FamilyKey,
  system: string,
  peaks: Peaks,
): string {
  const differs: string[] = [];
  const compare = (what: string, own: string, other: string): void => {
    if (own !== other) differs.push(`${what} ${other || 'none'} for ${own || 'none'}`);
  };
  compare('dtype', wanted.dtype, family.dtype);
  compare('KV dtype', wanted.kvDtype, family.kvDtype);
  compare('kernel', wanted.kernelSource, family.kernelSource);
  compare('framework', wanted.framework.toLowerCase(), family.framework.toLowerCase());
  compare('version', wanted.version, family.version);
  compare('system', peaks.id, system);
  return differs.join(', ');
}
