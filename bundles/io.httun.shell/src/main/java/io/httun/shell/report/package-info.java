// SPDX-License-Identifier: Apache-2.0
/** One file with what somebody needs who helps from far away, without secrets. */
package io.httun.shell.report;
