// SPDX-License-Identifier: Apache-2.0
import type { SessionDraft } from '../draft.js';

/**
 * A format of one record a line. Synchronous, so that the same parser serves streams and strings.
 */
export interface LineParser {
  /** Takes one line that is not blank; returns the session it completes, if it does. */
  line(text: string, number: number, terminated: boolean): SessionDraft | undefined;
  /** Sessions that only the end of the file completes. */
  end(): Iterable<SessionDraft>;
}
