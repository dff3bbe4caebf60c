// SPDX-License-Identifier: Apache-2.0
/** Events of the Chrome trace format, one JSON object each; times go in as ns and out as µs. */

export interface TraceEvent {
  readonly ph: 'M' | 'X' | 'b' | 'n' | 'e' | 's' | 'f' | 'C';
  readonly name: string;
  readonly pid: number;
  readonly tid?: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly id?: number;
  readonly bp?: 'e';
  readonly args?: Readonly<Record<string, number | string>>;
}

const us = (ns: number): number => ns / 1000;

/** Name of a process (without `tid`) or of a thread, and its place among its kind. */
export function nameEvents(name: string, pid: number, tid?: number): TraceEvent[] {
  const what = tid === undefined ? 'process' : 'thread';
  const at = tid === undefined ? { pid } : { pid, tid };
  const order = { sort_index: tid ?? pid };
  return [
    { ph: 'M', name: `${what}_name`, ...at, args: { name } },
    { ph: 'M', name: `${what}_sort_index`, ...at, args: order },
  ];
}

/** A place in the timeline: a lane of a process. */
export interface Lane {
  readonly pid: number;
  readonly tid: number;
}

export function slice(
  name: string,
  lane: Lane,
  fromNs: number,
  toNs: number,
  args: TraceEvent['args'] = {},
): TraceEvent {
  const time = { ts: us(fromNs), dur: us(toNs - fromNs) };
  return { ph: 'X', name, cat: name, ...lane, ...time, args };
}

/** Begin, instant or end of something that may overlap others, told apart by `id`. */
export function asyncEvent(
  ph: 'b' | 'n' | 'e',
  name: string,
  lane: Lane,
  ns: number,
  id: number,
  args?: Readonly<Record<string, number | string>>,
): TraceEvent {
  const event = { ph, name, cat: 'request', ...lane, ts: us(ns), id };
  return args === undefined ? event : { ...event, args };
}

/** Arrow from the slice around `fromNs` to the one that begins at `toNs`. */
export function flow(
  name: string,
  id: number,
  from: Lane,
  fromNs: number,
  to: Lane,
  toNs: number,
): TraceEvent[] {
  return [
    { ph: 's', name, cat: 'flow', ...from, ts: us(fromNs), id },
    { ph: 'f', bp: 'e', name, cat: 'flow', ...to, ts: us(toNs), id },
  ];
}

export function counter(
  name: string,
  pid: number,
  ns: number,
  args: Readonly<Record<string, number>>,
): TraceEvent {
  return { ph: 'C', name, pid, ts: us(ns), args };
}
