// SPDX-License-Identifier: Apache-2.0
/** Standard input and output through a listener; independent of OSGi. */
package io.httun.shell.stdio;
