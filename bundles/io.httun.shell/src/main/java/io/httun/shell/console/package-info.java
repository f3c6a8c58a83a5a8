// SPDX-License-Identifier: Apache-2.0
/** The SSH console: a process's record of its own, and the program that finds and uses it. */
package io.httun.shell.console;
