using System.Diagnostics;
using Fairlead.Protocols.Html;

namespace Fairlead.Protocols.Tests.Html;

/// <summary>Pages as text.</summary>
public sealed class HtmlTextTests
{
    [Theory]
    [InlineData("plain &lt;text&gt;", "plain <text>")]
    [InlineData("<p>one</p><p>two</p>", "one\n\ntwo")]
    [InlineData("a<br>b<br/>c", "a\nb\nc")]
    [InlineData("<ul><li>one<li>two</ul>after", "- one\n- two\n\nafter")]
    [InlineData("<h2>Head</h2>\n  <div>some\n   <b>bold</b>   words</div>", "## Head\n\nsome bold words")]
    [InlineData("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a | b\nc")]
    [InlineData("x<script>if (a<b) document.write('<p>')</script>y<style>p{}</style>z", "xyz")]
    [InlineData("a<!-- <p>no</p> -->b<!doctype html>c", "abc")]
    [InlineData("<a title=\"a > b\" href='x'>link</a> and <a title=don't>more</a>", "link and more")]
    [InlineData("1 < 2 and 3 > 2", "1 < 2 and 3 > 2")]
    [InlineData("open <b>never closed", "open never closed")]
    [InlineData("cut <a href=\"", "cut")]
    [InlineData("<script>never closed", "")]
    [InlineData("", "")]
    public void Text(string html, string expected) => Assert.Equal(expected, HtmlText.Of(html).Text);

    [Theory]
    [InlineData("<head><title> Tides\n &amp; times </title></head><title>other</title>x", "Tides & times")]
    [InlineData("<p>x</p>", "")]
    [InlineData("<title>never closed", "never closed")]
    public void Title(string html, string expected) => Assert.Equal(expected, HtmlText.Of(html).Title);

    [Theory]
    [InlineData("<")]
    [InlineData("<!--")]
    [InlineData("<a href='")]
    [InlineData("<div>")]
    [InlineData("<title>")]
    [InlineData("<script>")]
    [InlineData("</p>")]
    [InlineData("&amp;")]
    public void ManyOfOneThing_EndSoon(string piece)
    {
        var clock = Stopwatch.StartNew();
        HtmlText.Of(string.Concat(Enumerable.Repeat(piece, (1 << 20) / piece.Length)));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
    }
}
