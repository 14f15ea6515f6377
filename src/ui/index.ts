/*
 * What is shown of the connection, loaded beside the start of the application
 * and not before it.
 */
import '../../style/base.css';

export * from '../settings/keeper';
export * from './commands';
export * from './complaint';
export * from './connection-lost';
export * from './setting-texts';
export * from './status-item';
export * from './texts';
export * from './views';
