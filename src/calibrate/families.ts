// SPDX-License-Identifier: Apache-2.0
import type { FamilyKey } from '../cost/op/fitted-family.js';
import type { MeasuredRow } from './fit.js';

/** Rows of one operation, format and kernel. */
export interface RowFamily {
  readonly key: FamilyKey;
  readonly rows: readonly MeasuredRow[];
  /** The family whose constants these few rows borrow, all but the fixed time. */
  readonly parent?: RowFamily;
}

/** Rows on its best-measured system that a family needs for constants of its own. */
const OWN_ROWS = 5;

/** Groups rows by what constants depend on; families of few rows get a parent of their format. */
export function groupFamilies(rows: readonly MeasuredRow[]): RowFamily[] {
  const groups = new Map<string, MeasuredRow[]>();
  for (const row of rows) {
    const { op, dtype, kvDtype, kernelSource, framework, version } = row.operation;
    const key = [op, dtype, kvDtype, kernelSource, framework, version].join('\n');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  const families = [...groups.values()].map((group) => ({
    key: keyOf(group[0]),
    rows: group,
  }));
  return families.map((family) => {
    if (mostOnOneSystem(family.rows) >= OWN_ROWS) return family;
    const parent = parentOf(family, families);
    return parent === undefined ? family : { ...family, parent };
  });
}

function keyOf({ operation }: MeasuredRow): FamilyKey {
  const { op, dtype, kvDtype, kernelSource, framework, version } = operation;
  return { op, dtype, kvDtype, kernelSource, framework, version };
}

function mostOnOneSystem(rows: readonly MeasuredRow[]): number {
  const counts = new Map<string, number>();
  for (const { peaks } of rows) counts.set(peaks.id, (counts.get(peaks.id) ?? 0) + 1);
  return Math.max(...counts.values());
}

/** The largest family of the same format on a system of the same generation. */
function parentOf(family: RowFamily, families: readonly RowFamily[]): RowFamily | undefined {
  const { op, dtype, kvDtype } = family.key;
  const generations = new Set(family.rows.map(({ peaks }) => peaks.generation));
  const shares = ({ rows }: RowFamily): boolean =>
    rows.some(({ peaks }) => generations.has(peaks.generation));
  return families
    .filter(({ key }) => key.op === op && key.dtype === dtype && key.kvDtype === kvDtype)
    .filter((other) => other.key !== family.key && shares(other))
    .filter(({ rows }) => mostOnOneSystem(rows) >= OWN_ROWS)
    .sort((a, b) => b.rows.length - a.rows.length)[0];
}
