using System.CommandLine;
using System.Text;
using Fairlead.Server.Control;

namespace Fairlead.Server.Commands;

/// <summary><c>fairlead route explain</c>.</summary>
internal static class RouteCommands
{
    // As large as a request may be by default.
    private const int LargestBody = 32 * 1024 * 1024;

    /// <summary>Adds the commands.</summary>
    public static void AddTo(RootCommand root, CommonOptions common)
    {
        var file = new Argument<string>("FILE") { Description = "The body of a chat completion, as it would be sent; \"-\" reads it from standard input." };
        var explain = new Command("explain", "Prints where a request would go and why: every candidate, the order, odds and costs. Sends nothing.") { file };
        explain.SetAction(async (line, cancellationToken) =>
        {
            var installation = common.Read(line);
            var body = await ReadAsync(line.GetRequiredValue(file), cancellationToken);
            return await AdminInvocation.RunAsync(installation, new ExplainRoute(body), line, cancellationToken, common.Environment);
        });
        root.Add(new Command("route", "Routing.") { explain });
    }

    private static async Task<string> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            await using var input = file == "-" ? System.Console.OpenStandardInput() : File.OpenRead(file);
            using var body = new MemoryStream();
            var buffer = new byte[81920];
            int read;
            while ((read = await input.ReadAsync(buffer, cancellationToken)) > 0)
            {
                body.Write(buffer, 0, read);
                if (body.Length > LargestBody)
                    throw new CommandFailure(ExitCode.Usage, $"The body is larger than {LargestBody} bytes.");
            }

            return Encoding.UTF8.GetString(body.ToArray());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCode.Usage, $"{file} cannot be read: {e.Message}", e);
        }
    }
}
