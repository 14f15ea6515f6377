import type { IConnectionSettings } from '../../tokens';
import { readSettings } from '../fields';

/** What holds before, and without, any settings. */
export const DEFAULT_SETTINGS: IConnectionSettings = readSettings({}).settings;
