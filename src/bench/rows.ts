// SPDX-License-Identifier: Apache-2.0
/** Tables of a bench report: plain cells, so that a terminal and a page can lay them out. */
import type { ContextResult } from './context.js';
import type { KernelResult } from './kernels.js';
import type { BenchReport, Change } from './report.js';
import { PEAK_RSS_BAR_MIB } from './sim.js';
import type { SimResult } from './sim.js';

type Rows = string[][];

const ns = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
const times = (value: number): string => `${value.toFixed(2)}x`;

/** Within the bar or not, empty where there is none. */
function verdict(ok: boolean | null): string {
  return ok === null ? '' : ok ? '✓' : '✗';
}

/** Medians in ns a unit, p99 of the SIMD build, and ratios of medians. */
export function kernelRows(results: readonly KernelResult[]): Rows {
  const head = ['case', 'unit', 'wasm', 'p99', 'scalar', 'native', 'wasm/native', 'bar', ''];
  const rows = results.map(({ id, unit, simd, scalar, native, overNative, bar }) => {
    const against = overNative;
    return [
      id,
      `ns/${unit}`,
      ns(simd.p50),
      ns(simd.p99),
      ns(scalar.p50),
      native === null ? '-' : ns(native.p50),
      against === null ? '-' : times(against),
      bar === null ? '' : times(bar),
      verdict(bar === null || against === null ? null : against <= bar),
    ];
  });
  return [head, ...rows];
}

export function simRows(results: readonly SimResult[]): Rows {
  const head = ['scenario', 'requests', 'hit', 'preempted', 'CPU s', 'requests/CPU s', 'bar'];
  head.push('', 'peak MiB', '');
  const rows = results.map((each) => {
    const { name, requests, cpuSeconds, requestsPerCpuSecond, peakRssMiB, bar } = each;
    return [
      name,
      String(requests),
      each.hitRate === null ? '' : `${(each.hitRate * 100).toFixed(1)} %`,
      String(each.preemptions),
      cpuSeconds.p50.toFixed(3),
      requestsPerCpuSecond.toFixed(0),
      bar === null ? '' : String(bar),
      verdict(bar === null ? null : requestsPerCpuSecond >= bar),
      peakRssMiB.toFixed(0),
      verdict(peakRssMiB <= PEAK_RSS_BAR_MIB),
    ];
  });
  return [head, ...rows];
}

/** A turn at the largest context may cost this much more than at the smallest. */
export const CONTEXT_BAR = 1.3;

/** Host time of a turn by context, of its kernel calls too, each against the smallest context. */
export function contextRows(results: readonly ContextResult[]): Rows {
  const head = ['context tokens', 'us/turn', 'of first', 'bar', ''];
  const rows = results.map(({ contextTokens, turnUs, turnGrowth, kernelNs, kernelGrowth }) => [
    contextTokens.toLocaleString('en-US'),
    turnUs.p50.toFixed(1),
    ...grown(turnGrowth ?? turnUs.p50 / results[0].turnUs.p50),
    ...(kernelNs === undefined ? [] : [kernelNs.p50.toFixed(0), ...grown(kernelGrowth ?? 1)]),
  ]);
  return [[...head, 'kernels, ns/turn', 'of first', 'bar', ''], ...rows];
}

function grown(against: number): string[] {
  return [times(against), times(CONTEXT_BAR), verdict(against <= CONTEXT_BAR)];
}

/** Time now / time then with its 95 % interval. */
export function changeRows(changes: readonly Change[]): Rows {
  const rows = changes.map(({ id, value, low, high, incomparable }) => {
    if (incomparable) return [id, '-', '', 'other work: not comparable'];
    const word = low > 1 ? 'slower' : high < 1 ? 'faster' : 'no difference seen';
    return [id, times(value), `${low.toFixed(2)} .. ${high.toFixed(2)}`, word];
  });
  return [['case', 'now/then', '95 % interval', ''], ...rows];
}

/** Lines above the tables. */
export function headLines(report: BenchReport): string[] {
  const { machine, stream, native } = report;
  const { cpu, cores, memoryGiB, os, node, v8, date } = machine;
  const lines = [
    `kvloom ${report.kvloom}, ${date.slice(0, 10)}`,
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${os}, Node ${node} (V8 ${v8})`,
  ];
  if (native !== null) {
    lines.push('compiler' in native ? native.compiler : `native skipped: ${native.skipped}`);
  }
  if (stream !== null) {
    lines.push(`stream: ${stream.name}, ${stream.requests} requests, ${stream.ids} block touches`);
  }
  return lines;
}
