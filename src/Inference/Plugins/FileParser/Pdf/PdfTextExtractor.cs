using System.Text;
using Fairlead.Inference.Receive;
using Fairlead.Protocols.Errors;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fairlead.Inference.Plugins.FileParser.Pdf;

/// <summary>The text of a PDF.</summary>
/// <param name="Text">All pages, in order, with an empty line between two.</param>
/// <param name="Pages">How many there are.</param>
internal sealed record PdfText(string Text, int Pages);

/// <summary>
/// The text in a PDF, by poppler's <c>pdftotext</c> as a confined child process, so that what is hostile in a file meets neither our memory nor our time.
/// As many at once as the machine has processors; others wait. A gateway that runs as root runs it as nobody, where it can. Thread-safe.
/// </summary>
internal sealed partial class PdfTextExtractor : IDisposable
{
    private const string Program = "pdftotext";
    private const string Setpriv = "setpriv";

    // Exit codes: the shell's way of telling that a program did not start, or which signal ended it.
    private const int NotStarted = 126;
    private const int NotFound = 127;
    private const int FirstSignal = 128;
    private const int Killed = FirstSignal + 9;
    private const int KilledForCpu = FirstSignal + 24;

    private const string Missing = "This gateway cannot read PDF files: the program pdftotext (of the package poppler-utils) is not installed on it.";

    private static readonly string[] Arguments = ["-enc", "UTF-8", "-eol", "unix", "-", "-"];
    private static readonly TimeSpan MostWait = TimeSpan.FromSeconds(30);

    private readonly ProcessLimits limits;
    private readonly Func<string, string?> find;
    private readonly SemaphoreSlim places = new(Environment.ProcessorCount);
    private readonly ILogger logger;
    private volatile bool keepsUser = !Environment.IsPrivilegedProcess;

    public PdfTextExtractor(ILogger<PdfTextExtractor> logger)
        : this(new ProcessLimits(), ProgramPath.Find, logger)
    {
        if (find(Program) is null || find("prlimit") is null)
            LogMissing(logger);
    }

    /// <summary>For tests: other limits, and other places where programs are found.</summary>
    internal PdfTextExtractor(ProcessLimits limits, Func<string, string?> find, ILogger? logger = null) =>
        (this.limits, this.find, this.logger) = (limits, find, logger ?? NullLogger.Instance);

    /// <summary>The text, or why there is none: a 400 that names the file's fault, or 503 when too many wait.</summary>
    public async ValueTask<Outcome<PdfText>> ExtractAsync(ReadOnlyMemory<byte> pdf, CancellationToken cancellation)
    {
        // Looked up each time: installing the package needs no restart.
        if (find(Program) is not { } program || find("prlimit") is not { } prlimit)
            return GatewayError.Invalid(Missing);
        if (!await places.WaitAsync(MostWait, cancellation))
            return new GatewayError { Kind = ErrorKind.ProviderOverloaded, Message = "Too many files are being read at the moment. Try again shortly.", RetryAfterSeconds = 10 };
        try
        {
            using var output = new PooledBody(64 * 1024);
            var setpriv = keepsUser ? null : find(Setpriv);
            var result = await ConfinedProcess.RunAsync(setpriv, prlimit, program, Arguments, pdf, limits, output, cancellation);
            if (setpriv is not null && result.Complaints.StartsWith(Setpriv + ":", StringComparison.Ordinal))
            {
                // A container's root need not be able to: it reads the file as it always did.
                keepsUser = true;
                LogKeepsUser(logger, result.Complaints.Trim());
                result = await ConfinedProcess.RunAsync(null, prlimit, program, Arguments, pdf, limits, output, cancellation);
            }

            return Judge(result, output.Span);
        }
        finally
        {
            places.Release();
        }
    }

    public void Dispose() => places.Dispose();

    private Outcome<PdfText> Judge(ProcessResult result, ReadOnlySpan<byte> output)
    {
        if (result.End == ProcessEnd.TooMuchOutput)
            return GatewayError.Invalid($"The PDF holds more than {limits.OutputBytes} bytes of text, the most that is read. Send fewer pages.");
        if (result.End == ProcessEnd.TooSlow || result.ExitCode is KilledForCpu or Killed)
            return GatewayError.Invalid("The PDF could not be read in the time that is allowed for one file. Send fewer pages.");
        if (result.ExitCode is NotFound or NotStarted)
            return GatewayError.Invalid("This gateway cannot read PDF files: the program pdftotext does not start on it.");
        if (result.ExitCode >= FirstSignal || result.Complaints.Contains("Out of memory", StringComparison.OrdinalIgnoreCase))
            return GatewayError.Invalid($"The PDF could not be read within {limits.MemoryBytes >> 20} MiB of memory, or is damaged.");
        if (result.Complaints.Contains("Incorrect password", StringComparison.OrdinalIgnoreCase))
            return GatewayError.Invalid("The PDF is encrypted and needs a password. Send it without one.");
        var pages = output.Count((byte)'\f');
        if (pages == 0)
        {
            return result.ExitCode == 0 || result.Complaints.Contains("page range", StringComparison.OrdinalIgnoreCase)
                ? GatewayError.Invalid("The PDF has no pages.")
                : GatewayError.Invalid("The PDF is damaged, cut short, or no PDF at all: no page of it could be read.");
        }

        var text = string.Join("\n\n", Encoding.UTF8.GetString(output).Split('\f', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        return text.Length > 0
            ? new PdfText(text, pages)
            : GatewayError.Invalid(
                $"The PDF holds no text: its {(pages == 1 ? "page is" : $"{pages} pages are")} probably scanned. Choose the engine \"mistral-ocr\", or a model that takes files.");
    }

    [LoggerMessage(EventId = 151, Level = LogLevel.Warning, Message = "PDF files are read as root, because setpriv could not change the user: {Reason}")]
    private static partial void LogKeepsUser(ILogger logger, string reason);

    [LoggerMessage(EventId = 150, Level = LogLevel.Warning, Message = "PDF files cannot be read as text: pdftotext is not installed. Install the package poppler-utils (and util-linux, for prlimit).")]
    private static partial void LogMissing(ILogger logger);
}
