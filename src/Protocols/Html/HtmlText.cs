using System.Net;
using System.Text;

namespace Fairlead.Protocols.Html;

/// <summary>The readable text of a web page.</summary>
/// <param name="Title">What its <c>title</c> says; empty where it has none.</param>
/// <param name="Text">The text of its body: blocks on lines of their own, headings and list items marked as in Markdown.</param>
public sealed record HtmlText(string Title, string Text)
{
    // Elements whose content nobody reads.
    private static readonly string[] Hidden = ["script", "style", "noscript", "template", "svg", "head", "iframe", "object", "select", "textarea"];
    private static readonly string[] Blocks =
    [
        "p", "div", "br", "hr", "li", "ul", "ol", "dl", "dt", "dd", "tr", "table", "thead", "tbody", "section", "article", "header", "footer", "main", "nav", "aside",
        "figure", "figcaption", "blockquote", "pre", "form", "fieldset", "h1", "h2", "h3", "h4", "h5", "h6", "address", "details", "summary", "body", "html", "option",
    ];

    /// <summary>Reads a page, in one pass whatever it holds.</summary>
    public static HtmlText Of(string html)
    {
        var text = new TextLines();
        var title = "";
        var at = 0;
        while (at < html.Length)
        {
            var open = html.IndexOf('<', at);
            if (open < 0)
                open = html.Length;
            text.Append(html.AsSpan(at, open - at));
            if (open == html.Length)
                break;
            if (!TryReadTag(html, open, out var name, out var closes, out at))
            {
                text.Append("<");
                at = open + 1;
                continue;
            }

            if (closes)
            {
                Close(text, name);
            }
            else if (name == "title")
            {
                var end = EndOf(html, at, name);
                if (title.Length == 0)
                    title = Collapse(html[at..end]);
                at = end;
            }
            else if (name is "head")
            {
                // Not skipped whole: its end may be missing, and its title is wanted.
            }
            else if (Hidden.Contains(name))
            {
                at = EndOf(html, at, name);
            }
            else
            {
                Open(text, name);
            }
        }

        return new HtmlText(title, text.ToString());
    }

    private static void Open(TextLines text, string name)
    {
        if (name is "td" or "th")
            text.Separate();
        if (!Blocks.Contains(name))
            return;
        text.Break();
        if (name == "li")
            text.Mark("- ");
        else if (name is ['h', >= '1' and <= '6'])
            text.Mark(new string('#', name[1] - '0') + " ");
    }

    private static void Close(TextLines text, string name)
    {
        if (Blocks.Contains(name))
        {
            text.Break();
            text.Mark("");
        }

        if (name is "p" or "ul" or "ol" or "table" or "blockquote" or "section" or "article" or ['h', >= '1' and <= '6'])
            text.Paragraph();
    }

    /// <summary>The tag, comment or declaration that begins at <paramref name="open"/>; false where the sign stands for itself.</summary>
    private static bool TryReadTag(string html, int open, out string name, out bool closes, out int next)
    {
        (name, closes, next) = ("", false, html.Length);
        var at = open + 1;
        if (html.AsSpan(open).StartsWith("<!--"))
        {
            next = After(html, "-->", open + 4);
            return true;
        }

        closes = at < html.Length && html[at] == '/';
        if (closes)
            at++;
        if (at >= html.Length || !(char.IsAsciiLetter(html[at]) || html[at] is '!' or '?'))
            return false;
        var start = at;
        while (at < html.Length && char.IsAsciiLetterOrDigit(html[at]))
            at++;
        // The longest name that means anything here is short.
        name = at - start <= 12 ? html[start..at].ToLowerInvariant() : "";
        next = EndOfTag(html, at);
        return true;
    }

    private static int EndOfTag(string html, int at)
    {
        // A quote begins a value only behind an equals sign: don't is a word.
        var (quote, before) = ('\0', '\0');
        for (; at < html.Length; at++)
        {
            var c = html[at];
            if (quote != '\0')
                quote = c == quote ? '\0' : quote;
            else if (c is '"' or '\'' && before == '=')
                quote = c;
            else if (c == '>')
                return at + 1;
            if (!char.IsWhiteSpace(c))
                before = c;
        }

        return html.Length;
    }

    /// <summary>Where the element that is open ends: at its closing tag, or with the page.</summary>
    private static int EndOf(string html, int at, string name)
    {
        var end = html.IndexOf("</" + name, at, StringComparison.OrdinalIgnoreCase);
        return end < 0 ? html.Length : end;
    }

    private static int After(string html, string mark, int at)
    {
        var found = at <= html.Length ? html.IndexOf(mark, at, StringComparison.Ordinal) : -1;
        return found < 0 ? html.Length : found + mark.Length;
    }

    private static string Collapse(string text) => string.Join(' ', WebUtility.HtmlDecode(text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Puts lines together: runs of white space become one space, several empty lines one.</summary>
    private sealed class TextLines
    {
        private readonly StringBuilder lines = new();
        private readonly StringBuilder line = new();
        private string mark = "";
        private bool paragraph;

        public void Append(ReadOnlySpan<char> raw)
        {
            if (raw.IsEmpty)
                return;
            foreach (var c in raw.Contains('&') ? WebUtility.HtmlDecode(raw.ToString()) : raw)
            {
                if (!char.IsWhiteSpace(c))
                    line.Append(c);
                else if (line.Length > 0 && line[^1] != ' ')
                    line.Append(' ');
            }
        }

        public void Separate()
        {
            if (line.Length > 0)
                line.Append(line[^1] == ' ' ? "| " : " | ");
        }

        public void Mark(string text) => mark = text;

        public void Paragraph() => paragraph = lines.Length > 0;

        public void Break()
        {
            while (line.Length > 0 && line[^1] == ' ')
                line.Length--;
            if (line.Length == 0)
                return;
            if (lines.Length > 0)
                lines.Append(paragraph ? "\n\n" : "\n");
            lines.Append(mark).Append(line);
            line.Clear();
            (mark, paragraph) = ("", false);
        }

        public override string ToString()
        {
            Break();
            return lines.ToString();
        }
    }
}
