// SPDX-License-Identifier: Apache-2.0
import type { Workload } from './types.js';

/** The first `count` sessions of a workload. Columns are views of the original ones. */
export function limitSessions(workload: Workload, count: number): Workload {
  const { sessions, agents, turns, dependencies } = workload;
  if (count >= sessions.count) return workload;
  const agentCount = sessions.agentStart[count];
  const turnCount = sessions.turnStart[count];
  const edges = dependencies.start[turnCount];
  let uniqueBlocks = 0;
  for (let t = 0; t < turnCount; t++) {
    uniqueBlocks = Math.max(
      uniqueBlocks,
      turns.firstBlock[t] + turns.blocks[t] - turns.prefixBlocks[t],
    );
  }
  return {
    ...workload,
    uniqueBlocks,
    sessions: {
      count,
      id: sessions.id.slice(0, count),
      arrivalNs: sessions.arrivalNs.subarray(0, count),
      agentStart: sessions.agentStart.subarray(0, count + 1),
      turnStart: sessions.turnStart.subarray(0, count + 1),
    },
    agents: {
      count: agentCount,
      session: agents.session.subarray(0, agentCount),
      parent: agents.parent.subarray(0, agentCount),
    },
    turns: {
      count: turnCount,
      agent: turns.agent.subarray(0, turnCount),
      model: turns.model.subarray(0, turnCount),
      startNs: turns.startNs.subarray(0, turnCount),
      inputTokens: turns.inputTokens.subarray(0, turnCount),
      outputTokens: turns.outputTokens.subarray(0, turnCount),
      apiNs: turns.apiNs.subarray(0, turnCount),
      gapKind: turns.gapKind.subarray(0, turnCount),
      prefixTurn: turns.prefixTurn.subarray(0, turnCount),
      prefixBlocks: turns.prefixBlocks.subarray(0, turnCount),
      blocks: turns.blocks.subarray(0, turnCount),
      firstBlock: turns.firstBlock.subarray(0, turnCount),
      next: turns.next.subarray(0, turnCount),
    },
    dependencies: {
      start: dependencies.start.subarray(0, turnCount + 1),
      turn: dependencies.turn.subarray(0, edges),
      trigger: dependencies.trigger.subarray(0, edges),
      delayNs: dependencies.delayNs.subarray(0, edges),
    },
  };
}
