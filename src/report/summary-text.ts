// SPDX-License-Identifier: Apache-2.0
/** The summary a terminal shows: objectives and tails first, then why, then what to do next. */
import type { RunSummary, SloResult } from '../metrics/index.js';
import { assumptionLines } from './assumption-lines.js';
import { clusterLines } from './cluster-lines.js';
import { costLines, type CostFacts } from './cost-lines.js';
import { LABEL_WIDTH } from './lines.js';
import { scenarioLines } from './scenario-lines.js';
import type { Assumption, Identity, Scenario } from './scenario.js';
import { sessionLines } from './session-lines.js';
import { sloLines } from './slo-lines.js';
import { styleOf, type TextStyle } from './style.js';
import { tailsTable } from './tails-table.js';
import { tokenLines } from './token-lines.js';

export interface SummaryTextInput {
  readonly identity: Identity;
  readonly scenario: Scenario;
  readonly summary: RunSummary;
  readonly slo: readonly SloResult[];
  readonly cost: CostFacts;
  /** The most important ones first. */
  readonly assumptions: readonly Assumption[];
  /** Command that a reader may want to run next. */
  readonly next: string;
}

/** A command is never cut or wrapped: it is there to be copied. */
function nextLine(command: string, style: TextStyle): string {
  return style('dim', '  next'.padEnd(LABEL_WIDTH)) + command;
}

/**
 * Text of at most 100 columns with a final newline. `style` colours it: none by default, ANSI
 * codes for true, or the caller's own function.
 */
export function summaryText(input: SummaryTextInput, style: boolean | TextStyle = false): string {
  const paint = styleOf(style);
  const { identity, scenario, summary, slo, cost, assumptions, next } = input;
  const blocks = [
    scenarioLines(identity, scenario, summary, paint),
    sloLines(slo, summary, paint),
    tailsTable(summary, paint),
    tokenLines(summary, paint),
    sessionLines(summary, paint),
    clusterLines(summary, paint),
    costLines(cost, paint),
    [...assumptionLines(assumptions, paint), nextLine(next, paint)],
  ];
  const lines = blocks.filter((block) => block.length > 0).map((block) => block.join('\n'));
  return `${lines.join('\n\n')}\n`;
}
