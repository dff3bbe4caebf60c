// SPDX-License-Identifier: Apache-2.0
/** `--set pools.0.replicas=4`: one value of a config from the command line. */
import { parse } from 'yaml';
import { UserError } from '../core/user-error.js';

type Node = Record<string, unknown> | unknown[];

const forbidden = ['__proto__', 'constructor', 'prototype'];

function usage(text: string): UserError {
  return new UserError(`must read path=value, for example pools.0.replicas=4, got "${text}"`, {
    path: '--set',
  });
}

/** `models."claude-3.5".x` -> ['models', 'claude-3.5', 'x']. */
function splitPath(text: string, whole: string): string[] {
  const keys: string[] = [];
  const part = /(?:"([^"]*)"|([^."]+))(\.|$)/y;
  while (part.lastIndex < text.length) {
    const match = part.exec(text);
    if (match === null) throw usage(whole);
    const key = match[1] ?? match[2];
    if (forbidden.includes(key)) throw usage(whole);
    keys.push(key);
    if (match[3] === '') return keys;
  }
  throw usage(whole);
}

/** Splits an assignment; the value is YAML, so `4`, `true`, `null`, `[1, 2]` and texts work. */
export function parseAssignment(text: string): { keys: string[]; value: unknown } {
  const match = /^((?:"[^"]*"|[^"=])+)=([^]*)$/.exec(text);
  if (match === null) throw usage(text);
  try {
    return { keys: splitPath(match[1].trim(), text), value: parse(match[2]) as unknown };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`value is not YAML: ${(error as Error).message.split('\n')[0]}`, {
      path: `--set ${match[1]}`,
    });
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

function listIndex(list: unknown[], key: string, path: string): number {
  const index = Number(key);
  if (!/^\d+$/.test(key) || index > list.length) {
    const allowed = list.length === 0 ? '0' : `0..${list.length}`;
    throw new UserError(`index must be ${allowed}, got "${key}"`, { path: `--set ${path}` });
  }
  return index;
}

function child(node: Node, key: string, path: string): unknown {
  if (Array.isArray(node)) return node[listIndex(node, key, path)];
  return Object.hasOwn(node, key) ? node[key] : undefined;
}

/** A list entry one past the end appends; a missing mapping is created. */
function assign(node: Node, keys: readonly string[], value: unknown, path: string): Node {
  const [key, ...rest] = keys as [string, ...string[]];
  const inner = child(node, key, path);
  if (rest.length > 0 && inner !== undefined && inner !== null && !isNode(inner)) {
    throw new UserError(`"${key}" is a value, not a mapping`, { path: `--set ${path}` });
  }
  const next = rest.length === 0 ? value : assign(isNode(inner) ? inner : {}, rest, value, path);
  if (!Array.isArray(node)) return { ...node, [key]: next };
  const copy = [...node];
  copy[listIndex(node, key, path)] = next;
  return copy;
}

/** What a config that leaves them out means, so that a path into them exists. */
function skeleton(data: unknown): Record<string, unknown> {
  const config = isNode(data) && !Array.isArray(data) ? data : {};
  const { pools = [{}], workload = { kind: 'trace' } } = config;
  return { ...config, pools, workload };
}

/** Another kind of workload has other keys: those of the old kind go. */
function changesKind(workload: unknown, keys: readonly string[], value: unknown): boolean {
  if (keys.join('.') !== 'workload.kind') return false;
  return isNode(workload) && child(workload, 'kind', '') !== value;
}

/** Applies assignments in order to an unchecked config; the input stays as it is. */
export function applyAssignments(data: unknown, assignments: readonly string[]): unknown {
  if (assignments.length === 0) return data;
  let config = skeleton(data);
  for (const text of assignments) {
    const { keys, value } = parseAssignment(text);
    const other = changesKind(config['workload'], keys, value);
    if (other) config = { ...config, workload: { kind: value } };
    else config = assign(config, keys, value, keys.join('.')) as Record<string, unknown>;
  }
  return config;
}
