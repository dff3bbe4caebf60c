// SPDX-License-Identifier: Apache-2.0
export { findTariff, gpuHours, gpuHoursOf, tariffs } from './catalogue.js';
export {
  ownedUsdPerGpuHour,
  type OwnedGpu,
  type ServedWork,
  type ServingCost,
  servingCost,
} from './serving-cost.js';
export {
  type Bill,
  type BilledTokens,
  type BillingOptions,
  billRequest,
  isPeak,
  MissingPriceError,
  relativeInputCost,
} from './tariff.js';
export type {
  CacheWrite,
  GpuHour,
  GpuHourBasis,
  PeakHours,
  PromptStep,
  Tariff,
} from './types.js';
