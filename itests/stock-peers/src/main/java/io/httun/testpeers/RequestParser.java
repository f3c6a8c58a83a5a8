// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Method, path and query of a request, as strict and as lax as the stock server (wire protocol, section 1). */
final class RequestParser {

    private static final Pattern PATH = Pattern.compile("[A-Za-z0-9/_-]*");
    private static final int MAX_QUERY_PARTS = 8;

    private RequestParser() {}

    static StockRequest parse(long connection, StockRequestReader.Raw raw) throws StockException {
        String line = raw.lines().isEmpty() ? "" : raw.lines().get(0);
        String[] words = line.split(" ", -1);
        if (words.length < 3 || !(words[0].equals("GET") || words[0].equals("POST"))) {
            throw new StockException("request line " + line + ", expected GET or POST");
        }
        int question = words[1].indexOf('?');
        String path = question < 0 ? words[1] : words[1].substring(0, question);
        String query = question < 0 ? "" : words[1].substring(question + 1);
        List<String> components = components(path);
        boolean r = components.get(1).equals("r");
        if (!r && !components.get(1).equals("w")) {
            throw new StockException("direction " + components.get(1) + ", expected r or w");
        }
        int channel = HeaderLines.leadingNumber(components.get(0));
        byte[] frame = frame(words[0], query, raw.body());
        StockRequest.Kind kind = r ? StockRequest.Kind.R : StockRequest.Kind.W;
        if (r && frame.length > 0 && (frame[0] & 1) == 0) {
            kind = StockRequest.Kind.INIT;
        }
        List<String> headers = raw.lines().subList(1, raw.lines().size());
        return new StockRequest(connection, kind, channel, components.get(2), line, headers, frame);
    }

    private static List<String> components(String path) throws StockException {
        if (!PATH.matcher(path).matches()) {
            throw new StockException("path " + path + " has other characters than A-Z a-z 0-9 - _ /");
        }
        List<String> components = new ArrayList<>();
        for (String component : path.split("/")) {
            if (!component.isEmpty()) {
                components.add(component);
            }
        }
        if (components.size() != 3) {
            throw new StockException("path " + path + ", expected /channel/direction/serial");
        }
        return components;
    }

    /** The parameter {@code m} of a GET; the body of anything else, and of a GET whose {@code m} is of no use. */
    private static byte[] frame(String method, String query, byte[] body) throws StockException {
        Optional<String> message = message(query);
        if (method.equals("GET") && message.isPresent()) {
            try {
                return StockFrame.fromBase64(message.get());
            } catch (StockException e) {
                return body;
            }
        }
        return body;
    }

    private static Optional<String> message(String query) throws StockException {
        Optional<String> message = Optional.empty();
        int parts = 0;
        for (String part : query.split("#", 2)[0].split("&")) {
            if (part.isEmpty()) {
                continue;
            }
            int equals = part.indexOf('=');
            if (equals < 1 || ++parts > MAX_QUERY_PARTS) {
                throw new StockException("query " + query + ", expected at most 8 name=value");
            }
            if (part.startsWith("m=")) {
                message = Optional.of(part.substring(2));
            }
        }
        return message;
    }
}
