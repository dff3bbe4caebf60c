// SPDX-License-Identifier: Apache-2.0
import type { Simulation } from '../cluster/index.js';

/** An invariant of the simulator does not hold: a bug in kvloom, never the user's fault. */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
  constructor(
    readonly id: string,
    message: string,
  ) {
    super(`${id}: ${message}`);
  }
}

/**
 * What must hold when a simulation has run dry (docs/invariants.md):
 * - CL-1  every request is done, exactly once.
 * - CL-2  every KV block is free or in the radix tree, and none of those is locked.
 * - CL-3  for every request, ready <= admitted <= first token <= finish.
 */
export function checkInvariants(simulation: Simulation): void {
  const { turns, sites, plan } = simulation;
  const { count } = plan.workload.turns;
  if (simulation.done !== count) {
    throw new InvariantBroken('CL-1', `${simulation.done} of ${count} requests are done`);
  }
  for (const site of sites) {
    if (site.kv.active !== 0) {
      throw new InvariantBroken('CL-2', `replica ${site.index} leaks ${site.kv.active} KV blocks`);
    }
  }
  for (let t = 0; t < count; t++) {
    const ordered =
      turns.readyNs[t] >= 0 &&
      turns.readyNs[t] <= turns.admittedNs[t] &&
      turns.admittedNs[t] <= turns.firstTokenNs[t] &&
      turns.firstTokenNs[t] <= turns.finishNs[t];
    if (!ordered) throw new InvariantBroken('CL-3', `request ${t} has its phases out of order`);
  }
}
