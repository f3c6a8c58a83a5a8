<?xml version="1.0" encoding="UTF-8"?>
<!-- SPDX-License-Identifier: Apache-2.0 -->
<!-- Makes target/licences.txt of the bill of materials: one line for each part that is not ours, with its licences. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:b="http://cyclonedx.org/schema/bom/1.6">
    <xsl:output method="text"/>
    <xsl:template match="/">
        <xsl:for-each select="b:bom/b:components/b:component[not(starts-with(b:group, 'io.httun'))]">
            <xsl:sort select="b:group"/>
            <xsl:sort select="b:name"/>
            <xsl:value-of select="concat(b:group, ':', b:name, ':', b:version, ' = ')"/>
            <xsl:if test="not(b:licenses/*)">not stated</xsl:if>
            <xsl:for-each select="b:licenses/b:license | b:licenses/b:expression">
                <xsl:if test="position() &gt; 1"> | </xsl:if>
                <xsl:value-of select="normalize-space((b:id | b:name | self::b:expression)[1])"/>
            </xsl:for-each>
            <xsl:text>&#10;</xsl:text>
        </xsl:for-each>
        <!-- Files in the bundle io.httun.web, which no artifact of Maven brings. -->
        <xsl:text>npm:uplot:1.6.32 = MIT&#10;</xsl:text>
    </xsl:template>
</xsl:stylesheet>
