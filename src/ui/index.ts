/*
 * What is shown of the connection, loaded beside the start of the application
 * and not before it.
 */
import '../../style/base.css';

export * from './complaint';
export * from './status-item';
export * from './views';
