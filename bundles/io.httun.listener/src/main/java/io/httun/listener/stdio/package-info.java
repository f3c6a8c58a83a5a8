// SPDX-License-Identifier: Apache-2.0
/** Standard input and output through a listener; no part of OSGi. */
package io.httun.listener.stdio;
