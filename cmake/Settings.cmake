# What holds for every target, C and C++ alike: where things go and how they are compiled.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_C_STANDARD 11)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

option(TENON_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(TENON_FUZZ "Build the libFuzzer targets" OFF)
option(TENON_TESTS "Build the tests" ON)

if(TENON_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

if(TENON_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(TENON_CCACHE ccache)
if(TENON_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${TENON_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TENON_CCACHE})
endif()

# One spelling of every include: "tenon/dialects/nn/NN.h". The source folders are linked one by one
# (linking the root would make a cycle through the build folder); generated files are under gen/.
foreach(folder IN ITEMS dialects passes codegen frontends runtime)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/include/tenon)
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${folder} ${CMAKE_BINARY_DIR}/include/tenon/${folder} SYMBOLIC)
endforeach()
include_directories(${CMAKE_BINARY_DIR}/include ${CMAKE_BINARY_DIR}/gen)

enable_testing()
