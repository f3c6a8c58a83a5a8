// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import io.httun.api.status.LivePage;
import java.io.IOException;
import javax.servlet.Servlet;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** An entry of Felix' web console, where that is installed: the way to the page, which has a login of its own. */
@Component(
        service = Servlet.class,
        property = {"felix.webconsole.label=httun", "felix.webconsole.title=httun", "felix.webconsole.category=Main"})
public final class ConsolePlugin extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient LivePage page;

    @Activate
    public ConsolePlugin(@Reference LivePage page) {
        this.page = page;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        // A path of letters, digits and few signs: WebSettings takes no other.
        response.getWriter()
                .append("<p><a href=\"" + page.path() + "/\" target=\"_blank\" rel=\"noopener\">Open the live page of"
                        + " httun</a></p>\n");
    }
}
