// SPDX-License-Identifier: Apache-2.0
/** How a model is spread over GPUs. */
export interface Layout {
  /** Ranks that share heads and widths of a layer. */
  readonly tp: number;
  /** Attention replicas, each with sequences of its own. */
  readonly dp: number;
  /** Ranks that split every expert's width. */
  readonly moeTp: number;
  /** Ranks that split the experts among them. */
  readonly moeEp: number;
}

/** Layout columns of a serving row; 0 or absent in the row is 1 here. */
export interface LayoutColumns {
  readonly tpSize: number;
  readonly attentionDpSize: number;
  readonly moeTpSize: number;
  readonly moeEpSize: number;
}

/** A layout and how it was read from the columns. */
export interface LayoutReading {
  readonly layout: Layout;
  /** Factor from the column of sequences a rank to sequences a rank of this layout. */
  readonly batchFactor: number;
  /** Why the columns were not taken as they are; '' when they were. */
  readonly rule: string;
  /** Why no layout can be right; '' when one can. */
  readonly defect: string;
}

function root(n: number): number {
  const r = Math.round(Math.sqrt(n));
  return r > 1 && r * r === n ? r : 0;
}

/**
 * GPU layout of published columns, by rules on these columns alone. Exports multiply sizes: a grid
 * of experts r x r over r x r GPUs is r GPUs with experts spread over them, in either attention
 * layout; `tp = dp = r` beside `moe_ep = r*r` is r replicas.
 */
export function readLayout(columns: LayoutColumns, moe: boolean): LayoutReading {
  const { tpSize: tp, attentionDpSize: dp, moeTpSize: moeTp, moeEpSize: moeEp } = columns;
  const plain = { batchFactor: 1, rule: '', defect: '' };
  if (!moe) return { ...plain, layout: { tp, dp, moeTp: 1, moeEp: 1 } };
  const r = root(tp * dp);
  if (r > 1 && moeTp === r && moeEp === r) {
    const rule = `sizes multiplied: ${r} x ${r} is ${r} GPUs, experts over all`;
    // Attention replicas: the column of sequences a rank was divided by the product.
    if (dp > 1) {
      const layout = { tp: 1, dp: r, moeTp: 1, moeEp: r };
      return { ...plain, rule, layout, batchFactor: dp / r };
    }
    return { ...plain, rule, layout: { tp: r, dp: 1, moeTp: 1, moeEp: r } };
  }
  if (tp > 1 && tp === dp && moeEp === tp * tp) {
    const rule = `sizes multiplied: tp and dp ${tp} are ${tp} attention replicas`;
    return { ...plain, rule, layout: { tp: 1, dp, moeTp: 1, moeEp: dp } };
  }
  const layout = { tp, dp, moeTp, moeEp };
  if (moeTp * moeEp > tp * dp) {
    return { ...plain, layout, defect: 'expert grid larger than the GPUs: layout unknown' };
  }
  if (moeTp * moeEp === tp * dp) return { ...plain, layout };
  const rule = 'expert grid smaller than the GPUs: experts over the rest';
  return { ...plain, rule, layout: { ...layout, moeEp: Math.max(1, (tp * dp) / moeTp) } };
}
