// SPDX-License-Identifier: Apache-2.0
import type { Workload } from '../types.js';
import { NATIVE_SCHEMA, NATIVE_VERSION } from './native.js';

/**
 * The lines of a workload in the native format, each with its line end. Reading them back gives
 * the same columns.
 */
export function* writeNative(workload: Workload): Generator<string> {
  const { name, blockSize, models, sessions } = workload;
  const head = { schema: NATIVE_SCHEMA, version: NATIVE_VERSION, name, block_size: blockSize };
  yield `${JSON.stringify({ ...head, models })}\n`;
  for (let session = 0; session < sessions.count; session++) {
    yield `${JSON.stringify(sessionRecord(workload, session))}\n`;
  }
}

function sessionRecord(workload: Workload, session: number): object {
  const { sessions, agents } = workload;
  const firstAgent = sessions.agentStart[session];
  const parents: number[] = [];
  for (let agent = firstAgent; agent < sessions.agentStart[session + 1]; agent++) {
    parents.push(agents.parent[agent] < 0 ? -1 : agents.parent[agent] - firstAgent);
  }
  const turns: unknown[] = [];
  for (let turn = sessions.turnStart[session]; turn < sessions.turnStart[session + 1]; turn++) {
    turns.push(turnRecord(workload, turn, firstAgent));
  }
  const { id, arrivalNs } = sessions;
  return { id: id[session], arrival: arrivalNs[session], agents: parents, turns };
}

function turnRecord(workload: Workload, turn: number, firstAgent: number): unknown[] {
  const { turns, dependencies } = workload;
  const waits: number[] = [];
  for (let d = dependencies.start[turn]; d < dependencies.start[turn + 1]; d++) {
    waits.push(dependencies.turn[d], dependencies.trigger[d], dependencies.delayNs[d]);
  }
  const record: unknown[] = [
    turns.startNs[turn],
    turns.agent[turn] - firstAgent,
    turns.model[turn],
    turns.inputTokens[turn],
    turns.outputTokens[turn],
    turns.apiNs[turn],
    turns.gapKind[turn],
    turns.prefixTurn[turn],
    turns.prefixBlocks[turn],
    turns.blocks[turn],
  ];
  if (waits.length > 0) record.push(waits);
  return record;
}
