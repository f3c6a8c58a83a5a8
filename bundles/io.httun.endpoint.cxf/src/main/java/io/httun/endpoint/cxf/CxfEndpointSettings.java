// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.cxf;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.StrictConfig;
import java.util.Map;
import java.util.regex.Pattern;

record CxfEndpointSettings(String name, String path, int bodiesMax, int bodiesPerAddress) {
    private static final int MOST = 1_000_000;
    private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9_-]+)+");

    CxfEndpointSettings {
        if (!PATH.matcher(path).matches()) {
            throw new ConfigException("path", path, "must be like /httun, of letters, digits, '-' and '_'");
        }
        StrictConfig.range("bodies.max", bodiesMax, 1, MOST);
        StrictConfig.range("bodies.per.address", bodiesPerAddress, 1, MOST);
    }

    static CxfEndpointSettings read(Map<String, ?> properties) {
        return StrictConfig.read(CxfEndpointConfig.class, properties, CxfEndpointSettings::of);
    }

    private static CxfEndpointSettings of(CxfEndpointConfig config) {
        return new CxfEndpointSettings(config.name(), config.path(), config.bodies_max(), config.bodies_per_address());
    }
}
