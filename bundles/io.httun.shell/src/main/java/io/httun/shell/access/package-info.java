// SPDX-License-Identifier: Apache-2.0
/** Gives and takes access: the files and configurations of channels and clients. */
package io.httun.shell.access;
