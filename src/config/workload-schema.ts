// SPDX-License-Identifier: Apache-2.0
/** What the cluster is asked to do: a recorded trace, or one of two generators. */
import { z } from 'zod';
import { AGENTIC_DEFAULTS, TRACE_DEFAULTS } from './defaults.js';

export const TRACE_FORMATS = [
  'auto',
  'weka',
  'compact',
  'kvloom',
  'mooncake',
  'agentic-mooncake',
  'csv',
] as const;
export type TraceFormat = (typeof TRACE_FORMATS)[number];

export const TIMINGS = ['closed-loop', 'recorded'] as const;

const count = z.int().positive();
const lengths = z.strictObject({
  mean: z.number().positive().describe('Tokens.'),
  stddev: z.number().min(0).default(0).describe('Tokens; 0 for a constant.'),
});

export const traceSchema = z.strictObject({
  kind: z.literal('trace'),
  path: z
    .string()
    .min(1)
    .default(TRACE_DEFAULTS.path)
    .describe('Trace file, seen from the working folder, or `builtin:NAME`.'),
  format: z
    .enum(TRACE_FORMATS)
    .default(TRACE_DEFAULTS.format)
    .describe('Trace format; auto looks at the file.'),
  timing: z
    .enum(TIMINGS)
    .default(TRACE_DEFAULTS.timing)
    .describe('closed-loop: a turn starts when what it waits for is done; recorded: as recorded.'),
  lanes: count
    .nullable()
    .default(TRACE_DEFAULTS.lanes)
    .describe('Sessions that run at once; null lets each start at its recorded arrival.'),
  maxGapSeconds: z
    .number()
    .min(0)
    .nullable()
    .default(TRACE_DEFAULTS.maxGapSeconds)
    .describe('Longest wait between turns; null keeps all of them.'),
  maxSessions: count
    .nullable()
    .default(TRACE_DEFAULTS.maxSessions)
    .describe('Read only the first sessions of the trace; null reads all.'),
  sessionsPerSecond: z
    .number()
    .positive()
    .nullable()
    .default(TRACE_DEFAULTS.sessionsPerSecond)
    .describe('Replace recorded arrivals by this rate; null keeps them.'),
});

export const fixedSchema = z.strictObject({
  kind: z.literal('fixed'),
  requests: count.describe('Independent requests in all.'),
  inputTokens: count,
  outputTokens: count,
  concurrency: count.describe('Requests in flight.'),
});

export const agenticSchema = z.strictObject({
  kind: z.literal('agentic'),
  sessions: count,
  rounds: count.describe('Turns a session.'),
  newInputTokens: lengths.describe('Prompt tokens that a round adds to the context.'),
  outputTokens: lengths.describe('Tokens that a round generates.'),
  thinkSeconds: z
    .number()
    .min(0)
    .default(AGENTIC_DEFAULTS.thinkSeconds)
    .describe('Wait between a finished turn and the next one.'),
  sessionsPerSecond: z
    .number()
    .positive()
    .default(AGENTIC_DEFAULTS.sessionsPerSecond)
    .describe('Session starts a second.'),
  sharedPrefixTokens: z
    .int()
    .min(0)
    .default(AGENTIC_DEFAULTS.sharedPrefixTokens)
    .describe('Leading prompt tokens that all sessions have in common.'),
});

export const workloadSchema = z.discriminatedUnion('kind', [
  traceSchema,
  fixedSchema,
  agenticSchema,
]);

export type TraceWorkload = z.output<typeof traceSchema>;
export type FixedWorkload = z.output<typeof fixedSchema>;
export type AgenticWorkload = z.output<typeof agenticSchema>;
export type WorkloadSpec = z.output<typeof workloadSchema>;
