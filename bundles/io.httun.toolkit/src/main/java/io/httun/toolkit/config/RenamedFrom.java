// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The name that a property of a configuration type had in the version before. {@link StrictConfig} still reads it, with a warning.
 * Remove the annotation one version after the renaming.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface RenamedFrom {
    /** @return the old property name, as in a file, for example {@code max.idle} */
    String value();
}
