using System.Diagnostics;
using System.Text;
using Fairlead.Inference.Plugins.FileParser.Pdf;
using Fairlead.Protocols.Errors;
using Xunit.Abstractions;

namespace Fairlead.Gateway.Tests.Plugins.FileParser;

/// <summary>The text of PDF files by <c>pdftotext</c>, which must be installed (<c>./test</c> sees to that); and what hostile files come to.</summary>
public sealed class PdfTextTests(ITestOutputHelper output)
{
    // Tight, so that what is hostile ends soon; the shipped limits are wider.
    private static readonly ProcessLimits Tight = new() { Wall = TimeSpan.FromSeconds(15), CpuSeconds = 1, MemoryBytes = 256L << 20, OutputBytes = 1 << 16 };

    [Fact]
    public async Task TextOfAllPages_InOrder()
    {
        using var extractor = New();
        var (text, _) = await ExtractAsync(extractor, TestPdf.Of("The tide turns at four.", "Then it ebbs (slowly)."));

        Assert.Equal(2, text!.Pages);
        Assert.Equal("The tide turns at four.\n\nThen it ebbs (slowly).", text.Text);
    }

    [Fact]
    public async Task BookOf200Pages_IsReadWhole()
    {
        using var extractor = New();
        var book = TestPdf.Book(200);
        var clock = Stopwatch.StartNew();
        var (text, _) = await ExtractAsync(extractor, book);
        output.WriteLine($"{book.Length} bytes, 200 pages: {clock.ElapsedMilliseconds} ms");

        Assert.Equal(200, text!.Pages);
        Assert.Contains("Page 200, line 45", text.Text, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Hostile() => new()
    {
        { "no file at all", "damaged, cut short, or no PDF" },
        { "not a PDF", "damaged, cut short, or no PDF" },
        { "cut short", "damaged, cut short, or no PDF" },
        { "encrypted", "encrypted and needs a password" },
        { "no pages", "no pages" },
        { "scanned", "holds no text" },
        { "much text", "more than 65536 bytes of text" },
        { "much work", "could not be read in the time" },
        { "nested", "" },
        { "loop of pages", "" },
        { "loop of forms", "" },
        { "loop of tables", "" },
        { "huge object stream", "" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task HostileFile_EndsInAClearError(string what, string expected)
    {
        var pdf = what switch
        {
            "no file at all" => [],
            "not a PDF" => Encoding.ASCII.GetBytes("Dear reader, this is a letter."),
            "cut short" => TestPdf.Book(2)[..2000],
            "encrypted" => TestPdf.Encrypted(),
            "no pages" => TestPdf.WithoutPages(),
            "scanned" => TestPdf.WithoutText(3),
            "much text" => TestPdf.Book(40),
            "much work" => TestPdf.Laughs(),
            "nested" => TestPdf.NestedBomb(),
            "loop of pages" => TestPdf.LoopOfPages(),
            "loop of forms" => TestPdf.LoopOfForms(),
            "loop of tables" => TestPdf.LoopOfTables(),
            _ => TestPdf.HugeObjectStream(),
        };
        using var extractor = new PdfTextExtractor(Tight, ProgramPath.Find);
        var clock = Stopwatch.StartNew();
        var (_, error) = await ExtractAsync(extractor, pdf);
        output.WriteLine($"{what}, {pdf.Length} bytes, {clock.ElapsedMilliseconds} ms: {error?.Message}");

        Assert.Equal(400, error!.Status);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoMoreMemoryThanAllowed_IsSaid()
    {
        using var extractor = new PdfTextExtractor(Tight with { MemoryBytes = 32L << 20 }, ProgramPath.Find);
        var (_, error) = await ExtractAsync(extractor, [.. TestPdf.Of("text"), .. new byte[40 << 20]]);

        Assert.Equal(400, error!.Status);
        Assert.Contains("32 MiB of memory", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public async Task TheProgramIsNobody_WhereTheGatewayIsRoot_AndItselfWhereItCannotChange(bool refusing)
    {
        var folder = Directory.CreateTempSubdirectory("fairlead-pdf-").FullName;
        try
        {
            string Script(string name, string text)
            {
                var path = Path.Combine(folder, name);
                File.WriteAllText(path, "#!/bin/sh\n" + text);
                File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32("755", 8));
                return path;
            }

            File.SetUnixFileMode(folder, (UnixFileMode)Convert.ToInt32("755", 8));
            var program = Script("pdftotext", "printf 'user %s group %s\\f' $(/usr/bin/id -u) $(/usr/bin/id -G)\n");
            var setpriv = Script("setpriv", "echo 'setpriv: setresuid failed: Operation not permitted' >&2\nexit 1\n");
            using var extractor = new PdfTextExtractor(Tight, name => name switch { "pdftotext" => program, "setpriv" when refusing => setpriv, _ => ProgramPath.Find(name) });

            var (text, error) = await ExtractAsync(extractor, TestPdf.Of("text"));

            Assert.Null(error);
            if (Environment.IsPrivilegedProcess && !refusing)
                Assert.Equal("user 65534 group 65534", text!.Text);
            else
                Assert.DoesNotContain("65534", text!.Text, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task NotInstalled_IsSaid()
    {
        using var extractor = new PdfTextExtractor(Tight, static _ => null);
        var (_, error) = await ExtractAsync(extractor, TestPdf.Of("text"));

        Assert.Equal(400, error!.Status);
        Assert.Contains("poppler-utils", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CallerLeaves_TheProcessIsGone()
    {
        // Wide limits: only the caller's leaving can end this one.
        using var extractor = new PdfTextExtractor(Tight with { CpuSeconds = 60, Wall = TimeSpan.FromSeconds(60) }, ProgramPath.Find);
        using var leaving = new CancellationTokenSource();
        var reading = extractor.ExtractAsync(TestPdf.Laughs(), leaving.Token).AsTask();
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    private static PdfTextExtractor New() => new(new ProcessLimits(), ProgramPath.Find);

    private static async Task<(PdfText? Text, GatewayError? Error)> ExtractAsync(PdfTextExtractor extractor, byte[] pdf)
    {
        (await extractor.ExtractAsync(pdf, CancellationToken.None)).Try(out var text, out var error);
        return (text, error);
    }
}
