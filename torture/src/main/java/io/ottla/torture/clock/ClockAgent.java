package io.ottla.torture.clock;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.Set;

/**
 * Has the server's classes read {@link ShiftedClock} instead of the wall clock: {@code
 * -javaagent:agent.jar=FILE}.
 */
public final class ClockAgent implements ClassFileTransformer {
  private static final ClassDesc SHIFTED = ClassDesc.of("io.ottla.torture.clock.ShiftedClock");
  private static final Set<String> CLOCKS =
      Set.of(
          "java/time/Clock.systemUTC()Ljava/time/Clock;",
          "java/time/Instant.now()Ljava/time/Instant;",
          "java/lang/System.currentTimeMillis()J");

  private ClockAgent() {}

  /** Called before the server's main method. */
  public static void premain(String file, Instrumentation instrumentation) {
    ShiftedClock.follow(Path.of(file));
    instrumentation.addTransformer(new ClockAgent());
  }

  @Override
  public byte[] transform(
      ClassLoader loader,
      String className,
      Class<?> redefined,
      ProtectionDomain domain,
      byte[] bytes) {
    if (!className.startsWith("io/ottla/") || className.startsWith("io/ottla/torture/")) {
      return bytes;
    }
    ClassFile classFile = ClassFile.of();
    ClassModel model = classFile.parse(bytes);
    ClassTransform shifting =
        ClassTransform.transformingMethodBodies(
            method ->
                method.code().stream()
                    .anyMatch(code -> code.elementStream().anyMatch(ClockAgent::readsClock)),
            ClockAgent::shift);
    return classFile.transformClass(model, shifting);
  }

  private static boolean readsClock(CodeElement element) {
    return element instanceof InvokeInstruction call
        && CLOCKS.contains(
            call.owner().asInternalName()
                + "."
                + call.name().stringValue()
                + call.type().stringValue());
  }

  private static void shift(CodeBuilder code, CodeElement element) {
    if (element instanceof InvokeInstruction call && readsClock(element)) {
      code.invokestatic(
          SHIFTED,
          call.name().stringValue(),
          MethodTypeDesc.ofDescriptor(call.type().stringValue()));
    } else {
      code.with(element);
    }
  }
}
