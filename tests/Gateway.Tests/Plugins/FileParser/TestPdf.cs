using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Fairlead.Gateway.Tests.Plugins.FileParser;

/// <summary>Writes PDF files, good and bad, object by object (ISO 32000-1, 7.5). The first object is the catalog, the second the page tree.</summary>
internal static class TestPdf
{
    private const string Catalog = "<< /Type /Catalog /Pages 2 0 R >>";

    /// <summary>A file with these pages, one line of text each entry.</summary>
    public static byte[] Of(params string[] pages) => Write(PagesOf([.. pages.Select(text => Stream("BT /F1 12 Tf 50 750 Td " + Show(text) + " ET"))]));

    /// <summary>A file of many pages full of text: 45 lines each.</summary>
    public static byte[] Book(int pages)
    {
        var contents = new List<byte[]>();
        for (var page = 1; page <= pages; page++)
        {
            var content = new StringBuilder("BT /F1 10 Tf 14 TL 50 750 Td\n");
            for (var line = 1; line <= 45; line++)
                content.Append(Show($"Page {page}, line {line}: what is written here says only that it was written, and goes on a little.")).Append(" T*\n");
            contents.Add(Stream(content.Append("ET").ToString()));
        }

        return Write(PagesOf(contents));
    }

    /// <summary>Pages whose content is drawn, not written.</summary>
    public static byte[] WithoutText(int pages) => Write(PagesOf([.. Enumerable.Repeat(Stream("50 50 400 400 re f"), pages)]));

    /// <summary>A page tree with no page in it.</summary>
    public static byte[] WithoutPages() => Write([Ascii(Catalog), Ascii("<< /Type /Pages /Kids [] /Count 0 >>")]);

    /// <summary>A form that draws another ten times, which draws another ten times, and so on: ten billion drawings in two kilobytes.</summary>
    public static byte[] Laughs()
    {
        var objects = new List<byte[]>
        {
            Ascii(Catalog), Ascii("<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
            Ascii("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>"), Stream("/X Do"),
        };
        for (var depth = 0; depth < 10; depth++)
        {
            objects.Add(Stream(
                string.Concat(Enumerable.Repeat("/X Do ", 10)),
                $"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X {objects.Count + 2} 0 R >> >>"));
        }

        objects.Add(Stream("0 0 m", "/Type /XObject /Subtype /Form /BBox [0 0 9 9]"));
        return Write(objects);
    }

    /// <summary>A page whose content inflates to a stream that has to be inflated again, three times over.</summary>
    public static byte[] NestedBomb()
    {
        var inner = Deflate(new byte[16 << 20]);
        var outer = Deflate(Deflate(inner));
        return Write(PagesOf([[.. Ascii($"<< /Length {outer.Length} /Filter [/FlateDecode /FlateDecode /FlateDecode] >>\nstream\n"), .. outer, .. Ascii("\nendstream")]]));
    }

    /// <summary>A page tree that is its own child.</summary>
    public static byte[] LoopOfPages() => Write([Ascii(Catalog), Ascii("<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2000000000 >>")]);

    /// <summary>A form that draws itself, twice.</summary>
    public static byte[] LoopOfForms() => Write(
    [
        Ascii(Catalog), Ascii("<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
        Ascii("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>"),
        Stream("/X Do"), Stream("/X Do /X Do", "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>"),
    ]);

    /// <summary>A cross-reference table that says it continues in itself.</summary>
    public static byte[] LoopOfTables() => Write([Ascii(Catalog), Ascii("<< /Type /Pages /Kids [] /Count 1 >>")], static table => $"/Prev {table}");

    /// <summary>An object stream that claims a hundred million objects.</summary>
    public static byte[] HugeObjectStream() => Write(
        [Ascii("<< /Type /Catalog /Pages 99999 0 R >>"), Stream("1 0", "/Type /ObjStm /N 100000000 /First 2000000000")], static _ => "/Encrypt 3 0 R");

    /// <summary>A file that opens only with a password.</summary>
    public static byte[] Encrypted()
    {
        var nobody = new string('7', 64);
        return Write(PagesOf([Stream("BT /F1 12 Tf 50 750 Td (secret) Tj ET")]),
            _ => $"/ID [<{new string('1', 32)}> <{new string('1', 32)}>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{nobody}> /U <{nobody}> >>");
    }

    private static List<byte[]> PagesOf(List<byte[]> contents)
    {
        var kids = string.Join(' ', contents.Select(static (_, i) => $"{4 + (2 * i)} 0 R"));
        var objects = new List<byte[]>
        {
            Ascii(Catalog), Ascii($"<< /Type /Pages /Kids [{kids}] /Count {contents.Count} >>"), Ascii("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"),
        };
        foreach (var content in contents)
        {
            objects.Add(Ascii($"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {objects.Count + 2} 0 R /Resources << /Font << /F1 3 0 R >> >> >>"));
            objects.Add(content);
        }

        return objects;
    }

    private static string Show(string text) => "(" + text.Replace("(", "\\(", StringComparison.Ordinal).Replace(")", "\\)", StringComparison.Ordinal) + ") Tj";

    private static byte[] Stream(string content, string members = "") => Ascii($"<< /Length {content.Length} {members} >>\nstream\n{content}\nendstream");

    private static byte[] Deflate(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            deflate.Write(bytes);
        return packed.ToArray();
    }

    private static byte[] Write(List<byte[]> objects, Func<long, string>? trailer = null)
    {
        using var file = new MemoryStream();
        file.Write("%PDF-1.5\n"u8);
        var offsets = new List<long>();
        for (var i = 0; i < objects.Count; i++)
        {
            offsets.Add(file.Length);
            file.Write(Ascii($"{i + 1} 0 obj\n"));
            file.Write(objects[i]);
            file.Write("\nendobj\n"u8);
        }

        var table = file.Length;
        file.Write(Ascii($"xref\n0 {objects.Count + 1}\n0000000000 65535 f \n"));
        foreach (var offset in offsets)
            file.Write(Ascii(offset.ToString("D10", CultureInfo.InvariantCulture) + " 00000 n \n"));
        file.Write(Ascii($"trailer\n<< /Size {objects.Count + 1} /Root 1 0 R {trailer?.Invoke(table)} >>\nstartxref\n{table}\n%%EOF\n"));
        return file.ToArray();
    }

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}
