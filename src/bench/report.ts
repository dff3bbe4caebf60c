// SPDX-License-Identifier: Apache-2.0
/** What a bench run is saved as, and how two of them compare. */
import type { KernelResult } from './kernels.js';
import type { KvResult } from './kv.js';
import { ratio } from './statistics.js';
import type { Ratio } from './statistics.js';
import type { ContextResult } from './context.js';
import type { CostResult } from './cost.js';
import type { NumericResult } from './numeric/run.js';
import type { RouterStreamResult } from './router-stream.js';
import type { SimResult } from './sim.js';

export const REPORT_FORMAT = 1;

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly os: string;
  readonly node: string;
  readonly v8: string;
  readonly date: string;
}

export interface StreamFacts {
  readonly name: string;
  readonly requests: number;
  /** Block ids of all requests. */
  readonly ids: number;
}

export interface BenchReport {
  readonly format: typeof REPORT_FORMAT;
  readonly kvloom: string;
  readonly machine: Machine;
  /** Request stream that the tree and the pool served. */
  readonly stream: StreamFacts | null;
  /** Compiler of the native side, or why there is none. */
  readonly native: { readonly compiler: string } | { readonly skipped: string } | null;
  readonly kernels: readonly KernelResult[];
  readonly sim: readonly SimResult[];
  readonly context: readonly ContextResult[];
  /** Of `bench kv`. */
  readonly kv?: readonly KvResult[];
  /** Of `bench cost`. */
  readonly cost?: readonly CostResult[];
  /** Of `bench numeric`. */
  readonly numeric?: readonly NumericResult[];
  /** Of `bench router-trace`. */
  readonly routerTrace?: readonly RouterStreamResult[];
}

/** How a result changed: time now / time then. */
export interface Change extends Ratio {
  readonly id: string;
  /** True when the checksums differ: another stream, or other work. */
  readonly incomparable: boolean;
}

/** Changes of all results that both reports have. Above 1 is slower than before. */
export function compareReports(now: BenchReport, then: BenchReport): Change[] {
  const before = new Map(then.kernels.map((each) => [each.id, each]));
  const kernels = now.kernels.flatMap((each): Change[] => {
    const old = before.get(each.id);
    if (old === undefined) return [];
    const incomparable = each.checksum !== old.checksum;
    return [{ id: each.id, ...ratio(each.simd, old.simd), incomparable }];
  });
  const oldSim = new Map(then.sim.map((each) => [each.name, each]));
  const sim = now.sim.flatMap((each): Change[] => {
    const old = oldSim.get(each.name);
    if (old === undefined) return [];
    const incomparable = each.requests !== old.requests;
    return [{ id: `sim.${each.name}`, ...ratio(each.cpuSeconds, old.cpuSeconds), incomparable }];
  });
  const oldContext = new Map(then.context.map((each) => [each.contextTokens, each]));
  const context = now.context.flatMap(({ contextTokens, turnUs }): Change[] => {
    const old = oldContext.get(contextTokens);
    if (old === undefined) return [];
    return [{ id: `context.${contextTokens}`, ...ratio(turnUs, old.turnUs), incomparable: false }];
  });
  const keyOf = ({ id, stream }: KvResult): string => (stream === null ? id : `${id} ${stream}`);
  const oldKv = new Map((then.kv ?? []).map((each) => [keyOf(each), each]));
  const kv = (now.kv ?? []).flatMap((each): Change[] => {
    const old = oldKv.get(keyOf(each));
    if (old === undefined) return [];
    const incomparable = each.checksum !== old.checksum;
    return [{ id: keyOf(each), ...ratio(each.simd, old.simd), incomparable }];
  });
  const oldNumeric = new Map((then.numeric ?? []).map((each) => [each.id, each]));
  const numeric = (now.numeric ?? []).flatMap((each): Change[] => {
    const old = oldNumeric.get(each.id);
    if (old === undefined) return [];
    const incomparable = each.checksum !== old.checksum;
    return [{ id: each.id, ...ratio(each.simd, old.simd), incomparable }];
  });
  return [...kernels, ...sim, ...context, ...kv, ...numeric];
}

/** Those that are slower by more than `limit` (0.1 = 10 %) even at the low end of the interval. */
export function slowerThan(changes: readonly Change[], limit: number): Change[] {
  return changes.filter(({ low, incomparable }) => !incomparable && low > 1 + limit);
}

/** A saved report, or what is wrong with the text. */
export function parseReport(text: string): BenchReport | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'is no JSON' };
  }
  const report = value as Partial<BenchReport> | null;
  if (report === null || typeof report !== 'object' || !Array.isArray(report.kernels)) {
    return { problem: 'is no result of kvloom bench --save' };
  }
  if (report.format !== REPORT_FORMAT) {
    return { problem: `has format ${String(report.format)}, expected ${REPORT_FORMAT}` };
  }
  return { ...report, sim: report.sim ?? [], context: report.context ?? [] } as BenchReport;
}
